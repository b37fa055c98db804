import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/PersonAddAltOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type User } from '@/api';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Pager } from '@/ui/Pager';
import { Invitations } from './Invitations';
import { Invite } from './Invite';
import { useRoleName } from './RolePicker';
import { UserMenu } from './UserMenu';

/** The people of the tenant and who is invited. */
export function Component() {
  const { t } = useTranslation('access');
  const mayWrite = useSession().can('users.write');
  const [pages, setPages] = useState<readonly string[]>(['']);
  const [inviting, setInviting] = useState(false);
  const { data, error, isLoading, refetch } = api.useListUsersQuery(
    { pageSize: 100, pageToken: pages.at(-1) ?? '' },
    { refetchOnMountOrArgChange: true }, // nobody tells when somebody accepts an invitation
  );
  return (
    <>
      {mayWrite && (
        <Box sx={{ mb: 2 }}>
          <Button variant="contained" startIcon={<AddIcon />} onClick={() => setInviting(true)}>
            {t('invite.open')}
          </Button>
        </Box>
      )}
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      {data !== undefined && (
        <TableContainer component={Card}>
          <Table aria-label={t('tab.users')}>
            <TableHead>
              <TableRow>
                <TableCell>{t('column.user')}</TableCell>
                <TableCell>{t('column.roles')}</TableCell>
                <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('column.state')}</TableCell>
                {mayWrite && <TableCell>{t('column.actions')}</TableCell>}
              </TableRow>
            </TableHead>
            <TableBody>
              {data.users?.map((user) => (
                <Row key={user.id} user={user} mayWrite={mayWrite} />
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
      <Pager pages={pages} next={data?.nextPageToken} onGo={setPages} />
      <Invitations mayWrite={mayWrite} />
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </>
  );
}

function Row({ user, mayWrite }: { user: User; mayWrite: boolean }) {
  const { t } = useTranslation('access');
  const roleName = useRoleName();
  return (
    <TableRow sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
      <TableCell component="th" scope="row">
        <Typography variant="body2" sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
          {user.displayName || user.email}
        </Typography>
        <Typography variant="caption" sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
          {user.email}
        </Typography>
      </TableCell>
      <TableCell>
        <Box sx={{ display: 'flex', gap: 0.5, flexWrap: 'wrap' }}>
          {user.roles?.map((role) => <Chip key={role} variant="outlined" label={roleName(role)} />)}
        </Box>
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
        <Chip variant="outlined" color={user.disabled === true ? 'default' : 'success'} label={t(user.disabled === true ? 'disabled' : 'active')} />
      </TableCell>
      {mayWrite && (
        <TableCell sx={{ py: 0, width: 60 }}>
          <UserMenu user={user} />
        </TableCell>
      )}
    </TableRow>
  );
}
