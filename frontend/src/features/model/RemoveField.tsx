import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Field } from '@/api';
import { useEdit } from '@/draft';
import { removeField } from './commands';

interface RemoveFieldProps {
  component: string;
  field: Field;
  onRemoved: () => void;
}

/** Removes a field after telling who uses it. */
export function RemoveField({ component, field, onRemoved }: RemoveFieldProps) {
  const { t } = useTranslation('model');
  const [open, setOpen] = useState(false);
  const name = field.title || field.name || '';
  return (
    <>
      <Tooltip title={t('remove.do')}>
        <IconButton aria-label={t('remove.do')} onClick={() => setOpen(true)}>
          <DeleteIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      {open && <Confirm component={component} field={field} name={name} onClose={() => setOpen(false)} onRemoved={onRemoved} />}
    </>
  );
}

function Confirm({ component, field, name, onClose, onRemoved }: RemoveFieldProps & { name: string; onClose: () => void }) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const { data } = api.useListReferencesQuery({ component, target: field.id ?? '' }, { refetchOnMountOrArgChange: true });
  const users = [...new Set((data?.references ?? []).map((one) => [one.component, ...(one.path ?? '').split('/').slice(0, 2)].join(' › ')))];
  const remove = () => {
    onRemoved();
    edit(removeField(field.id ?? '', name));
  };
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="remove-field">
      <DialogTitle id="remove-field">{t('remove.title', { name })}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <DialogContentText variant="body2">{t('remove.text')}</DialogContentText>
        {users.length > 0 && (
          <Alert severity="warning">
            {t('remove.users', { count: users.length })}
            <ul>
              {users.slice(0, 8).map((user) => (
                <li key={user}>{user}</li>
              ))}
            </ul>
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button color="error" variant="contained" onClick={remove}>
          {t('remove.do')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
