import DialogContentText from '@mui/material/DialogContentText';
import { useTranslation } from 'react-i18next';
import { api, type File as StoredFile } from '@/api';
import { FormDialog } from '@/ui/FormDialog';
import { useNotify } from '@/ui/notices';

/** Deletes a file, after asking, or says why not: an entry may refer to it. */
export function DeleteFile({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const { t } = useTranslation('files');
  const notify = useNotify();
  const [remove, { error, isLoading }] = api.useDeleteFileMutation();
  const name = file.name || t('unnamed');
  const submit = async () => {
    const result = await remove({ file: file.id ?? '' });
    if (result.error !== undefined) return;
    notify({ severity: 'success', text: t('deleted', { name }) });
    onClose();
  };
  return (
    <FormDialog title={t('deleteTitle', { name })} action={t('delete')} danger busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <DialogContentText variant="body2">{t('deleteText')}</DialogContentText>
    </FormDialog>
  );
}
