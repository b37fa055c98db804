import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';

/** Deletes a component that is not live, after asking. */
export function DeleteComponent({ component, name }: { component: string; name: string }) {
  const { t } = useTranslation('studio');
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [remove, { error, isLoading, reset }] = api.useDeleteComponentMutation();
  const close = () => (setOpen(false), reset());
  const confirm = async () => {
    const result = await remove({ component });
    if (result.error === undefined) await navigate('/studio');
  };
  return (
    <>
      <Button color="error" variant="outlined" onClick={() => setOpen(true)}>
        {t('delete.do')}
      </Button>
      <Dialog open={open} onClose={close} maxWidth="xs" fullWidth aria-labelledby="delete-component">
        <DialogTitle id="delete-component">{t('delete.title', { name })}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <ErrorNotice error={error} />
          <DialogContentText variant="body2">{t('delete.text')}</DialogContentText>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button color="error" variant="contained" loading={isLoading} onClick={() => void confirm()}>
            {t('delete.do')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
