import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import DialogContentText from '@mui/material/DialogContentText';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemText from '@mui/material/ListItemText';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import AddIcon from '@mui/icons-material/Add';
import KeyIcon from '@mui/icons-material/KeyOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type ApiKey, violationOf } from '@/api';
import { useSession } from '@/api/session';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { FormDialog } from '@/ui/FormDialog';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Pager } from '@/ui/Pager';
import { useTimes } from '@/ui/times';
import { OneTime } from './OneTime';
import { RolePicker, useRoleName } from './RolePicker';

/** Keys for programs, each acting as the user who made it. */
export function Component() {
  const { t } = useTranslation('access');
  const [pages, setPages] = useState<readonly string[]>(['']);
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<ApiKey>();
  const roleName = useRoleName();
  const { data, error, isLoading, refetch } = api.useListApiKeysQuery({ pageSize: 100, pageToken: pages.at(-1) ?? '' });
  const time = useTimes();
  const say = (key: ApiKey) =>
    [
      (key.roles?.length ?? 0) === 0 ? t('key.allRoles') : key.roles?.map(roleName).join(', '),
      key.expireTime === undefined ? t('key.never') : t('expires', { when: time(key.expireTime) }),
    ].join(' · ');
  const keys = data?.apiKeys ?? [];
  return (
    <>
      <Box sx={{ mb: 2 }}>
        <Button variant="contained" startIcon={<AddIcon />} onClick={() => setCreating(true)}>
          {t('key.add')}
        </Button>
      </Box>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      <Card>
        {isLoading && <RowsSkeleton />}
        {data !== undefined && keys.length === 0 && <EmptyState icon={<KeyIcon />} title={t('key.empty')} text={t('key.emptyText')} />}
        <List disablePadding>
          {keys.map((key) => (
            <ListItem key={key.id} divider sx={{ '&:last-child': { border: 0 } }}>
              <ListItemText primary={key.displayName || key.id} secondary={say(key)} slotProps={{ primary: { variant: 'body2', sx: { fontWeight: 600 } }, secondary: { variant: 'caption' } }} />
              <Button color="error" onClick={() => setRemoving(key)} aria-label={t('key.removeThis', { name: key.displayName || key.id })}>
                {t('key.remove')}
              </Button>
            </ListItem>
          ))}
        </List>
      </Card>
      <Pager pages={pages} next={data?.nextPageToken} onGo={setPages} />
      {creating && <CreateKey onClose={() => setCreating(false)} />}
      {removing !== undefined && <RemoveKey apiKey={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const day = 86_400_000; // ms
const lifetimes = [30, 90, 365, 0] as const;

function CreateKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('access');
  const own = useSession().user?.roles ?? [];
  const [displayName, setName] = useState('');
  const [roles, setRoles] = useState<string[]>([]);
  const [days, setDays] = useState<number>(90);
  const [create, { data, error, isLoading }] = api.useCreateApiKeyMutation();
  if (data !== undefined) {
    return <OneTime title={t('key.add')} text={t('key.once')} label={t('key.key')} secret={data.key ?? ''} onClose={onClose} />;
  }
  const wrong = violationOf(error, 'displayName');
  const submit = () => {
    const expireTime = days === 0 ? undefined : new Date(Date.now() + days * day).toISOString();
    void create({ apiKey: { displayName: displayName.trim(), roles, expireTime } });
  };
  return (
    <FormDialog title={t('key.add')} action={t('key.create')} busy={isLoading} error={wrong === undefined ? error : undefined} onClose={onClose} onSubmit={submit}>
      <TextField autoFocus required label={t('name')} value={displayName} onChange={(e) => setName(e.target.value)} error={wrong !== undefined} helperText={wrong ?? t('key.nameHelp')} />
      <TextField select label={t('key.lifetime')} value={days} onChange={(e) => setDays(Number(e.target.value))}>
        {lifetimes.map((one) => (
          <MenuItem key={one} value={one}>
            {one === 0 ? t('key.never') : t('key.days', { count: one })}
          </MenuItem>
        ))}
      </TextField>
      <RolePicker label={t('key.roles')} help={t('key.rolesHelp')} value={roles} among={own} onChange={setRoles} />
    </FormDialog>
  );
}

function RemoveKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation('access');
  const [remove, { error, isLoading }] = api.useDeleteApiKeyMutation();
  const submit = async () => {
    const result = await remove({ apiKey: apiKey.id ?? '' });
    if (result.error === undefined) onClose();
  };
  return (
    <FormDialog title={t('key.removeTitle', { name: apiKey.displayName || apiKey.id })} action={t('key.remove')} danger busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <DialogContentText variant="body2">{t('key.removeText')}</DialogContentText>
    </FormDialog>
  );
}
