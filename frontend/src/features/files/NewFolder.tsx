import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { FormDialog } from '@/ui/FormDialog';
import { addressOf, tidy, within } from './folder';

/** Asks for the name of a folder, and goes there: it is made by the first file that is put into it. */
export function NewFolder({ folder, onClose }: { folder: string; onClose: () => void }) {
  const { t } = useTranslation('files');
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const submit = () => {
    const path = tidy(name);
    if (path === '') return;
    onClose();
    void navigate(addressOf(within(folder, path)));
  };
  return (
    <FormDialog title={t('newFolder')} action={t('create')} busy={false} error={undefined} onClose={onClose} onSubmit={submit}>
      <TextField label={t('folderName')} value={name} onChange={(event) => setName(event.target.value)} helperText={t('createText')} autoFocus />
    </FormDialog>
  );
}
