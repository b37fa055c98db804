import DialogContentText from '@mui/material/DialogContentText';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import MoreIcon from '@mui/icons-material/MoreHoriz';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type User, violationOf } from '@/api';
import { useSession } from '@/api/session';
import { FormDialog } from '@/ui/FormDialog';
import { OneTime } from './OneTime';
import { RolePicker } from './RolePicker';

type Open = 'edit' | 'password' | 'remove' | undefined;

/** What can be done with a user. */
export function UserMenu({ user }: { user: User }) {
  const { t } = useTranslation('access');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [open, setOpen] = useState<Open>();
  const own = useSession().user?.id === user.id;
  const close = () => setOpen(undefined);
  const choose = (what: Open) => () => (setAnchor(null), setOpen(what));
  const name = user.displayName || user.email || '';
  return (
    <>
      <IconButton aria-label={t('user.actions', { name })} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(e) => setAnchor(e.currentTarget)}>
        <MoreIcon fontSize="small" />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={choose('edit')}>{t('user.edit')}</MenuItem>
        <MenuItem onClick={choose('password')}>{t('user.password')}</MenuItem>
        <MenuItem onClick={choose('remove')} disabled={own}>
          {t('user.remove')}
        </MenuItem>
      </Menu>
      {open === 'edit' && <Edit user={user} own={own} onClose={close} />}
      {open === 'password' && <Password user={user} onClose={close} />}
      {open === 'remove' && <Remove user={user} onClose={close} />}
    </>
  );
}

interface DialogProps {
  user: User;
  onClose: () => void;
}

function Edit({ user, own, onClose }: DialogProps & { own: boolean }) {
  const { t } = useTranslation('access');
  const [displayName, setName] = useState(user.displayName ?? '');
  const [roles, setRoles] = useState(user.roles ?? []);
  const [disabled, setDisabled] = useState(user.disabled ?? false);
  const [update, { error, isLoading }] = api.useUpdateUserMutation();
  const submit = async () => {
    const body = { id: user.id, etag: user.etag, displayName, roles, disabled };
    const result = await update({ user: user.id ?? '', updateMask: 'display_name,roles,disabled', body });
    if (result.data !== undefined) onClose();
  };
  return (
    <FormDialog title={t('user.editTitle', { name: user.email })} action={t('save')} busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <TextField label={t('name')} value={displayName} onChange={(e) => setName(e.target.value)} error={violationOf(error, 'displayName') !== undefined} helperText={violationOf(error, 'displayName')} />
      <RolePicker label={t('column.roles')} value={roles} onChange={setRoles} error={violationOf(error, 'roles')} />
      <FormControlLabel
        control={<Switch checked={disabled} disabled={own} onChange={(_, on) => setDisabled(on)} />}
        label={t('user.disable')}
        slotProps={{ typography: { variant: 'body2' } }}
      />
    </FormDialog>
  );
}

function Password({ user, onClose }: DialogProps) {
  const { t } = useTranslation('access');
  const [create, { data, error, isLoading }] = api.useCreatePasswordLinkMutation();
  if (data !== undefined) {
    return <OneTime title={t('user.password')} text={t('user.passwordOnce', { name: user.email })} label={t('link')} secret={data.link ?? ''} onClose={onClose} />;
  }
  return (
    <FormDialog
      title={t('user.password')}
      action={t('user.passwordDo')}
      busy={isLoading}
      error={error}
      onClose={onClose}
      onSubmit={() => void create({ user: user.id ?? '', body: {} })}
    >
      <DialogContentText variant="body2">{t('user.passwordText', { name: user.email })}</DialogContentText>
    </FormDialog>
  );
}

function Remove({ user, onClose }: DialogProps) {
  const { t } = useTranslation('access');
  const [remove, { error, isLoading }] = api.useRemoveUserMutation();
  const submit = async () => {
    const result = await remove({ user: user.id ?? '' });
    if (result.error === undefined) onClose();
  };
  return (
    <FormDialog title={t('user.removeTitle', { name: user.email })} action={t('user.remove')} danger busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <DialogContentText variant="body2">{t('user.removeText')}</DialogContentText>
    </FormDialog>
  );
}
