import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, violationOf } from '@/api';
import { FormDialog } from '@/ui/FormDialog';
import { OneTime } from './OneTime';
import { RolePicker } from './RolePicker';

/** Makes a one-time link with which a person joins. */
export function Invite({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('access');
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState<string[]>(['member']);
  const [create, { data, error, isLoading }] = api.useCreateInvitationMutation();
  if (data !== undefined) {
    return <OneTime title={t('invite.title')} text={t('invite.once', { email: data.email })} label={t('link')} secret={data.link ?? ''} onClose={onClose} />;
  }
  const wrong = violationOf(error, 'email') ?? violationOf(error, 'invitation.email');
  return (
    <FormDialog
      title={t('invite.title')}
      action={t('invite.do')}
      busy={isLoading}
      error={wrong === undefined ? error : undefined}
      onClose={onClose}
      onSubmit={() => void create({ invitation: { email: email.trim(), roles } })}
    >
      <TextField autoFocus required type="email" label={t('email')} value={email} onChange={(e) => setEmail(e.target.value)} error={wrong !== undefined} helperText={wrong} />
      <RolePicker label={t('column.roles')} value={roles} onChange={setRoles} error={violationOf(error, 'roles')} />
    </FormDialog>
  );
}
