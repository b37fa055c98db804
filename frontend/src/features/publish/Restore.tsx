import Alert from '@mui/material/Alert';
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
import { ProblemList } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { Impact } from './Impact';

/** Makes an earlier release live again, after showing what that means and asking. */
export function Restore({ release, when }: { release: string; when: string }) {
  const { t } = useTranslation('publish');
  const navigate = useNavigate();
  const [requestId, setRequestId] = useState<string>();
  const [plan, { data, error: planError, isLoading: planning, reset: forget }] = api.usePlanPublicationMutation();
  const [create, { error, isLoading, reset }] = api.useCreatePublicationMutation();
  const open = () => {
    setRequestId(crypto.randomUUID());
    void plan({ body: { restoreRelease: release } });
  };
  const close = () => (setRequestId(undefined), reset(), forget());
  const restore = async () => {
    const result = await create({ body: { restoreRelease: release, requestId } });
    if (result.data?.id !== undefined) await navigate(`/publications/${result.data.id}`);
  };
  const blocked = data !== undefined && data.publishable !== true;
  return (
    <>
      <Button onClick={open} aria-label={t('restore.this', { when })}>
        {t('restore.do')}
      </Button>
      <Dialog open={requestId !== undefined} onClose={close} maxWidth="sm" fullWidth aria-labelledby="restore-release">
        <DialogTitle id="restore-release">{t('restore.title', { when })}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
          <ErrorNotice error={error ?? planError} />
          <DialogContentText variant="body2">{t(planning ? 'restore.check' : 'restore.text')}</DialogContentText>
          {blocked && (
            <>
              <Alert severity="error">{t('restore.blocked')}</Alert>
              <ProblemList problems={data.problems ?? []} component={undefined} />
            </>
          )}
          {data !== undefined && <Impact plan={data} />}
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button variant="contained" loading={isLoading} disabled={planning || blocked} onClick={() => void restore()}>
            {t('restore.do')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
