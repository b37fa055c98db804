import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Task } from '@/api';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { FormDialog } from '@/ui/FormDialog';

/** Who answers an open task: it can be taken, given back and handed to somebody else. */
export function Assignment({ task }: { task: Task }) {
  const { t } = useTranslation('workplace');
  const me = useSession().user?.id ?? '';
  const [claim, claiming] = api.useClaimTaskMutation();
  const [release, releasing] = api.useReleaseTaskMutation();
  const [asking, setAsking] = useState(false);
  const id = task.id ?? '';
  const assignee = task.assignee ?? '';
  return (
    <Box>
      {assignee !== '' && (
        <Typography variant="body2" sx={{ mb: 0.5 }}>
          {assignee === me ? t('tasks.mine') : t('tasks.taken', { name: task.assigneeName })}
        </Typography>
      )}
      <ErrorNotice error={claiming.error ?? releasing.error} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, ml: -1 }}>
        {assignee === '' && (
          <Button size="small" loading={claiming.isLoading} onClick={() => void claim({ task: id, body: {} })}>
            {t('tasks.claim')}
          </Button>
        )}
        {assignee === me && (
          <Button size="small" loading={releasing.isLoading} onClick={() => void release({ task: id, body: {} })}>
            {t('tasks.release')}
          </Button>
        )}
        <Button size="small" onClick={() => setAsking(true)}>
          {t('tasks.delegate')}
        </Button>
      </Box>
      {asking && <Delegate task={id} onClose={() => setAsking(false)} />}
    </Box>
  );
}

function Delegate({ task, onClose }: { task: string; onClose: () => void }) {
  const { t } = useTranslation('workplace');
  const [delegate, { isLoading, error }] = api.useDelegateTaskMutation();
  const [user, setUser] = useState('');
  const submit = async () => {
    const result = await delegate({ task, body: { user: user.trim() } });
    if (result.error === undefined) onClose();
  };
  return (
    <FormDialog title={t('tasks.delegateTitle')} action={t('tasks.delegateDo')} busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <TextField autoFocus label={t('tasks.delegateTo')} value={user} onChange={(event) => setUser(event.target.value)} slotProps={{ htmlInput: { maxLength: 200, inputMode: 'email' } }} />
    </FormDialog>
  );
}
