import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'react-redux';
import { api, type Field, isApiError, type RenameResponse } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { draftActions, type DraftsRoot, useSaved } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';

interface RenameFieldProps {
  component: string;
  field: Field;
  name: string;
  /** The field alone gets the name, whoever uses it. */
  onOnly: () => void;
  onClose: () => void;
}

/** Most lines of a list that are shown. */
const shown = 50;

/** Renames a saved field after telling all that changes with it. */
export function RenameField({ component, field, name, onOnly, onClose }: RenameFieldProps) {
  const { t } = useTranslation('model');
  const store = useStore<DraftsRoot>();
  const saved = useSaved(component);
  const [rename, { isLoading }] = api.useRenameMutation();
  const [told, setTold] = useState<RenameResponse>();
  const [error, setError] = useState<unknown>();
  const target = field.id ?? '';
  const ask = async (validateOnly: boolean) => {
    await saved();
    const etag = store.getState().drafts?.[component]?.base.etag;
    return rename({ component, body: { kind: 'RENAME_KIND_FIELD', target, name, etag, validateOnly } });
  };
  useEffect(() => {
    let gone = false;
    void ask(true).then((result) => {
      if (gone) return;
      setTold(result.data);
      setError(result.error);
    });
    return () => void (gone = true);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it is asked once: the dialog is for one name
  }, []);
  const everywhere = async () => {
    const result = await ask(false);
    if (result.error !== undefined) {
      setError(result.error);
      return;
    }
    const load = (store.dispatch as Dispatch)(api.endpoints.getComponent.initiate({ component }, { forceRefetch: true, subscribe: false }));
    const { data } = await load;
    if (data !== undefined) store.dispatch(draftActions.renewed({ component, base: data }));
    onClose();
  };
  const violations = isApiError(error) ? error.violations : [];
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="rename-field">
      <DialogTitle id="rename-field">{t('rename.title', { from: field.name, to: name })}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        {told === undefined && error === undefined && <CircularProgress size={24} />}
        <ErrorNotice error={error} />
        {violations.length > 0 && <Lines lines={violations.map((one) => `${one.field}: ${one.description}`)} />}
        {told !== undefined && (
          <Box>
            {t('rename.changes', { count: told.changes?.length ?? 0 })}
            <Lines lines={(told.changes ?? []).map((one) => `${one.component} › ${one.path}: ${one.after}`)} />
          </Box>
        )}
        {(told?.mentions?.length ?? 0) > 0 && (
          <Alert severity="warning">
            {t('rename.mentions')}
            <Lines lines={(told?.mentions ?? []).map((one) => `${one.component} › ${one.path}: ${one.text}`)} />
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button
          onClick={() => {
            onOnly();
            onClose();
          }}
        >
          {t('rename.only')}
        </Button>
        <Button variant="contained" disabled={told === undefined || isLoading} onClick={() => void everywhere()}>
          {t('rename.do')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const { t } = useTranslation('model');
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5, typography: 'body2', overflowWrap: 'anywhere' }}>
      {lines.slice(0, shown).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {lines.length > shown && <li>{t('rename.more', { count: lines.length - shown })}</li>}
    </Box>
  );
}
