import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { newId, useEdit } from '@/draft';
import { type FieldKind, fieldKinds } from '@/values/value';
import { addField } from './commands';
import { fieldNameFrom, nameError } from './rules';

interface AddFieldProps {
  component: string;
  fields: readonly Field[];
  onClose: () => void;
  onAdded: (id: string) => void;
}

/** Asks for title, name and type of a new field; all else is set afterwards. */
export function AddField({ component, fields, onClose, onAdded }: AddFieldProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const names = fields.map((field) => field.name ?? '');
  const [title, setTitle] = useState('');
  const [ownName, setOwnName] = useState<string>();
  const [kind, setKind] = useState<FieldKind>('string');
  const [tried, setTried] = useState(false);
  const name = ownName ?? (title.trim() === '' ? '' : fieldNameFrom(title, names));
  const wrong = nameError(name, names);
  const shown = wrong !== undefined && (tried || ownName !== undefined);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong !== undefined) return;
    const id = newId();
    edit(addField(id, name, title.trim(), kind));
    onAdded(id);
    onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="add-field">
      <form onSubmit={submit} noValidate>
        <DialogTitle id="add-field">{t('add.open')}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, pt: '8px !important' }}>
          <TextField autoFocus label={t('setting.title')} value={title} onChange={(e) => setTitle(e.target.value)} slotProps={{ htmlInput: { maxLength: 200 } }} />
          <TextField
            required
            label={t('setting.name')}
            value={name}
            onChange={(e) => setOwnName(e.target.value === '' ? undefined : e.target.value)}
            error={shown}
            helperText={shown ? t(`nameError.${wrong}`) : t('add.nameHelp')}
            slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'none' } }}
          />
          <TextField select label={t('setting.type')} value={kind} onChange={(e) => setKind(fieldKinds.find((one) => one === e.target.value) ?? 'string')}>
            {fieldKinds.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`kind.${one}`)}
              </MenuItem>
            ))}
          </TextField>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" variant="contained">
            {t('add.do')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
