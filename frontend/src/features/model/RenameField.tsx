import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Field } from '@/api';
import { Told, useRewrite } from '@/rewrite';
import { ErrorNotice } from '@/ui/ErrorNotice';

interface RenameFieldProps {
  component: string;
  field: Field;
  name: string;
  /** The field alone gets the name, whoever uses it. */
  onOnly: () => void;
  onClose: () => void;
}

/** Renames a saved field after telling all that changes with it. */
export function RenameField({ component, field, name, onOnly, onClose }: RenameFieldProps) {
  const { t } = useTranslation('model');
  const [rename] = api.useRenameMutation();
  const target = field.id ?? '';
  const { told, error, busy, tell, make } = useRewrite(component, (asked) => rename({ component, body: { kind: 'RENAME_KIND_FIELD', target, name, ...asked } }));
  useEffect(() => {
    void tell();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it is asked once: the dialog is for one name
  }, []);
  const everywhere = async () => {
    if (await make()) onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="rename-field">
      <DialogTitle id="rename-field">{t('rename.title', { from: field.name, to: name })}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        {told === undefined && error === undefined && <CircularProgress size={24} />}
        <ErrorNotice error={error} />
        <Told told={told} error={error} />
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
        <Button variant="contained" disabled={told === undefined || busy} onClick={() => void everywhere()}>
          {t('rename.do')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
