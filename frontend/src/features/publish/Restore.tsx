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

/** Makes an earlier release live again, after asking. */
export function Restore({ release, when }: { release: string; when: string }) {
  const { t } = useTranslation('publish');
  const navigate = useNavigate();
  const [requestId, setRequestId] = useState<string>();
  const [create, { error, isLoading, reset }] = api.useCreatePublicationMutation();
  const close = () => (setRequestId(undefined), reset());
  const restore = async () => {
    const result = await create({ body: { restoreRelease: release, requestId } });
    if (result.data?.id !== undefined) await navigate(`/publications/${result.data.id}`);
  };
  return (
    <>
      <Button onClick={() => setRequestId(crypto.randomUUID())} aria-label={t('restore.this', { when })}>
        {t('restore.do')}
      </Button>
      <Dialog open={requestId !== undefined} onClose={close} maxWidth="xs" fullWidth aria-labelledby="restore-release">
        <DialogTitle id="restore-release">{t('restore.title', { when })}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <ErrorNotice error={error} />
          <DialogContentText variant="body2">{t('restore.text')}</DialogContentText>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button variant="contained" loading={isLoading} onClick={() => void restore()}>
            {t('restore.do')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
