import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import DialogContentText from '@mui/material/DialogContentText';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import { skipToken } from '@reduxjs/toolkit/query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Role } from '@/api';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { FormDialog } from '@/ui/FormDialog';
import { RowsSkeleton } from '@/ui/PageFrame';
import { EditRole } from './EditRole';

/** The roles of the tenant and what each may do. */
export function Component() {
  const { t } = useTranslation('access');
  const mayWrite = useSession().can('users.write');
  const [editing, setEditing] = useState<Role>();
  const [removing, setRemoving] = useState<Role>();
  const { data, error, isLoading, refetch } = api.useListRolesQuery();
  const roles = data?.roles ?? [];
  return (
    <>
      {mayWrite && (
        <Box sx={{ mb: 2 }}>
          <Button variant="contained" startIcon={<AddIcon />} disabled={data === undefined} onClick={() => setEditing({})}>
            {t('role.add')}
          </Button>
        </Box>
      )}
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        {roles.map((role) => (
          <Card key={role.id} component="article" aria-label={role.displayName} sx={{ p: 2 }}>
            <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
              <Typography variant="h2" sx={{ fontSize: '0.875rem' }}>
                {role.displayName || role.id}
              </Typography>
              <Box component="code" sx={{ fontSize: '0.75rem', color: 'text.secondary', flex: 1 }}>
                {role.id}
              </Box>
              {role.builtIn === true && <Chip variant="outlined" label={t('role.builtIn')} />}
              {mayWrite && role.builtIn !== true && (
                <>
                  <Button onClick={() => setEditing(role)} aria-label={t('role.editThis', { name: role.displayName || role.id })}>
                    {t('role.edit')}
                  </Button>
                  <Button color="error" onClick={() => setRemoving(role)} aria-label={t('role.removeThis', { name: role.displayName || role.id })}>
                    {t('role.remove')}
                  </Button>
                </>
              )}
            </Box>
            <Grants role={role} />
          </Card>
        ))}
      </Box>
      {editing !== undefined && <EditRole role={editing} taken={roles.map((role) => role.id ?? '')} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && <RemoveRole role={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function Grants({ role }: { role: Role }) {
  const { t } = useTranslation('access');
  const grants = role.grants ?? [];
  if (grants.length === 0) {
    return (
      <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5 }}>
        {t('role.nothing')}
      </Typography>
    );
  }
  return (
    <Box component="ul" sx={{ m: 0, mt: 1, p: 0, listStyle: 'none', display: 'flex', gap: 0.5, flexWrap: 'wrap' }}>
      {grants.map((grant, i) => (
        <li key={i}>
          <Chip variant="outlined" label={grant.component ? `${grant.permission} · ${grant.component}` : grant.permission === '*' ? t('role.everything') : grant.permission} />
        </li>
      ))}
    </Box>
  );
}

function RemoveRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const { t } = useTranslation('access');
  const mayRead = useSession().can('components.read');
  const { data } = api.useListRoleReferencesQuery(mayRead ? { role: role.id ?? '' } : skipToken, { refetchOnMountOrArgChange: true });
  const users = [...new Set((data?.references ?? []).map((one) => [one.component, ...(one.path ?? '').split('/').slice(0, 2)].join(' › ')))];
  const [remove, { error, isLoading }] = api.useDeleteRoleMutation();
  const submit = async () => {
    const result = await remove({ role: role.id ?? '' });
    if (result.error === undefined) onClose();
  };
  const name = role.displayName || role.id;
  return (
    <FormDialog title={t('role.removeTitle', { name })} action={t('role.remove')} danger busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <DialogContentText variant="body2">{t('role.removeText')}</DialogContentText>
      {users.length > 0 && (
        <Alert severity="warning">
          {t('role.users', { count: users.length })}
          <ul>
            {users.slice(0, 8).map((user) => (
              <li key={user}>{user}</li>
            ))}
          </ul>
        </Alert>
      )}
    </FormDialog>
  );
}
