import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api';
import { useSession } from '@/api/session';
import { useNotify } from '@/ui/notices';
import { useTimes } from '@/ui/times';

/** Says that a workflow keeps an entry, so that nobody else changes it now. Who may manage runs can take it back. */
export function Held({ component, entry }: { component: string; entry: string }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const session = useSession();
  const notify = useNotify();
  const { currentData: hold } = api.useGetHoldQuery({ component, entry }, { refetchOnMountOrArgChange: true });
  const [release, { isLoading }] = api.useReleaseEntryMutation();
  if (hold?.run === undefined || hold.run === '') return null;

  const takeBack = async () => {
    const { error } = await release({ component, entry, body: {} });
    if (error !== undefined) notify({ severity: 'error', text: isApiError(error) ? error.message : t('hold.failed') });
  };
  return (
    <Alert
      severity="info"
      sx={{ mb: 2 }}
      action={
        session.can('runs.manage', '') && (
          <Button color="inherit" size="small" sx={{ whiteSpace: 'nowrap' }} disabled={isLoading} onClick={() => void takeBack()}>
            {t('hold.release')}
          </Button>
        )
      }
    >
      {t('hold.text', { workflow: hold.workflow, since: time(hold.holdTime) })}
    </Alert>
  );
}
