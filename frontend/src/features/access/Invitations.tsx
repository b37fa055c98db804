import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemText from '@mui/material/ListItemText';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useTimes } from '@/ui/times';
import { useRoleName } from './RolePicker';

/** Invitations that nobody accepted yet; nothing when there are none. */
export function Invitations({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation('access');
  const roleName = useRoleName();
  const { data, error, refetch } = api.useListInvitationsQuery({ pageSize: 100 });
  const [remove, removal] = api.useDeleteInvitationMutation();
  const time = useTimes();
  const invitations = data?.invitations ?? [];
  if (error === undefined && invitations.length === 0) return null;
  return (
    <>
      <Typography variant="h2" sx={{ mt: 4, mb: 1.5 }}>
        {t('invitations')}
      </Typography>
      <ErrorNotice error={error ?? removal.error} onRetry={() => void refetch()} />
      <Card>
        <List disablePadding>
          {invitations.map((one) => (
            <ListItem key={one.id} divider sx={{ '&:last-child': { border: 0 } }}>
              <ListItemText
                primary={one.email}
                secondary={[
                  (one.roles ?? []).map(roleName).join(', '),
                  one.expireTime === undefined ? '' : t('expires', { when: time(one.expireTime) }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
                slotProps={{ primary: { variant: 'body2', sx: { fontWeight: 600 } }, secondary: { variant: 'caption' } }}
              />
              {mayWrite && (
                <Button color="error" onClick={() => void remove({ invitation: one.id ?? '' })} aria-label={t('invite.withdrawThis', { email: one.email })}>
                  {t('invite.withdraw')}
                </Button>
              )}
            </ListItem>
          ))}
        </List>
      </Card>
    </>
  );
}
