import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Entry, type Field, isApiError, type Violation } from '@/api';
import { useSession } from '@/api/session';
import { allControls } from '@/controls/registry';
import { DocumentStore } from '@/renderer/document';
import { EntryForm } from '@/renderer/form';
import { Renderer } from '@/renderer/Renderer';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { formDocument } from './documents';
import { hostOf } from './host';

interface EntryDialogProps {
  component: string;
  fields: readonly Field[];
  /** Id of the entry; empty for a new one. */
  entry: string;
  onClose: () => void;
}

/** Shows one entry with all its fields, and changes, makes or deletes it. */
export function EntryDialog({ component, fields, entry, onClose }: EntryDialogProps) {
  const { t } = useTranslation('data');
  const { currentData, error } = api.useGetEntryQuery({ component, entry }, { skip: entry === '', refetchOnMountOrArgChange: true });
  const [read, setRead] = useState<Entry>();
  // What is edited stays what was read, however often the list behind is read anew.
  if (read === undefined && currentData !== undefined) setRead(currentData);
  const ready = entry === '' || read !== undefined;
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="entry">
      <DialogTitle id="entry">{entry === '' ? t('new') : read?.name || t('entry')}</DialogTitle>
      {ready ? (
        <Edit component={component} fields={fields} entry={read} onClose={onClose} />
      ) : (
        <DialogContent>
          <ErrorNotice error={error} />
          {error === undefined && <RowsSkeleton rows={5} />}
        </DialogContent>
      )}
    </Dialog>
  );
}

interface EditProps {
  component: string;
  fields: readonly Field[];
  entry: Entry | undefined;
  onClose: () => void;
}

function Edit({ component, fields, entry, onClose }: EditProps) {
  const { t } = useTranslation('data');
  const { can } = useSession();
  const [{ form, store, host }] = useState(() => {
    const form = new EntryForm(fields, entry?.fields);
    return { form, store: new DocumentStore(formDocument(fields)), host: hostOf(form, () => Promise.resolve()) };
  });
  const [other, setOther] = useState<readonly Violation[]>([]);
  const [requestId] = useState(() => crypto.randomUUID());
  const [create, creation] = api.useCreateEntryMutation();
  const [update, change] = api.useUpdateEntryMutation();
  const mayWrite = can(entry === undefined ? 'entries.create' : 'entries.update', component);
  const failure = creation.error ?? change.error;
  const onFields = isApiError(failure) && failure.violations.length > 0 && other.length === 0;

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    const fieldsNow = entry === undefined ? form.values() : form.changes();
    if (entry !== undefined && Object.keys(fieldsNow).length === 0) {
      onClose();
      return;
    }
    const wire = Object.fromEntries(Object.entries(fieldsNow).map(([name, value]) => [name, value ?? null]));
    const result =
      entry === undefined
        ? await create({ component, requestId, entry: { fields: wire } })
        : await update({
            component,
            entry: entry.id ?? '',
            updateMask: Object.keys(wire).map((name) => `fields.${name}`).join(','),
            body: { id: entry.id, etag: entry.etag, fields: wire },
          });
    if (result.error === undefined) onClose();
    else setOther(isApiError(result.error) ? form.fail(result.error.violations) : []);
  };
  return (
    <Box component="form" onSubmit={(event: SyntheticEvent) => void save(event)} noValidate sx={{ display: 'contents' }}>
      <DialogContent sx={{ display: 'grid', gap: 2, pt: '8px !important' }}>
        {onFields ? <Alert severity="error">{t('mend')}</Alert> : <ErrorNotice error={failure} />}
        {other.map((violation) => (
          <Alert key={violation.field} severity="error">
            {violation.field}: {violation.description}
          </Alert>
        ))}
        <Renderer store={store} host={host} controls={allControls} />
        {entry !== undefined && <Stamps entry={entry} />}
      </DialogContent>
      <DialogActions>
        {entry !== undefined && can('entries.delete', component) && <Delete component={component} entry={entry} onDeleted={onClose} />}
        <Button onClick={onClose}>{t('cancel')}</Button>
        {mayWrite && (
          <Button type="submit" variant="contained" loading={creation.isLoading || change.isLoading}>
            {t('save')}
          </Button>
        )}
      </DialogActions>
    </Box>
  );
}

function Stamps({ entry }: { entry: Entry }) {
  const { t } = useTranslation('data');
  const say = useTimes();
  return (
    <Typography variant="caption" sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
      {t('stamps', { made: say(entry.createTime), changed: say(entry.updateTime) })} <code>{entry.id}</code>
    </Typography>
  );
}

/** Asks in place: the second press deletes. */
function Delete({ component, entry, onDeleted }: { component: string; entry: Entry; onDeleted: () => void }) {
  const { t } = useTranslation('data');
  const [asking, setAsking] = useState(false);
  const [remove, { error, isLoading }] = api.useDeleteEntryMutation();
  const confirm = async () => {
    const result = await remove({ component, entry: entry.id ?? '', ...(entry.etag !== undefined && { etag: entry.etag }) });
    if (result.error === undefined) onDeleted();
  };
  return (
    <Box sx={{ mr: 'auto', display: 'flex', alignItems: 'center', gap: 1 }}>
      <Button color="error" variant={asking ? 'contained' : 'text'} loading={isLoading} onClick={() => (asking ? void confirm() : setAsking(true))}>
        {t(asking ? 'deleteNow' : 'delete')}
      </Button>
      {isApiError(error) && (
        <Typography role="alert" variant="caption" color="error">
          {error.message}
        </Typography>
      )}
    </Box>
  );
}
