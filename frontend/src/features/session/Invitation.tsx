import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { AccountForm } from './AccountForm';
import { useEnter, useLinkToken } from './enter';
import { NoToken } from './NoToken';

/** The page of an invitation's link. Who has an account already gives its password, and keeps it. */
export function Component() {
  const { t } = useTranslation('session');
  const enter = useEnter();
  const token = useLinkToken();
  const [accept, { error, isLoading }] = api.useAcceptInvitationMutation();
  if (token === '') return <NoToken />;
  return (
    <AccountForm
      title={t('invitation.title')}
      text={t('invitation.text')}
      fields={['displayName', 'newPassword']}
      submit={t('invitation.submit')}
      busy={isLoading}
      error={error}
      onSubmit={async ({ displayName, newPassword }) => {
        const { data } = await accept({ body: { token, displayName, password: newPassword } });
        if (data !== undefined) enter(data);
      }}
    />
  );
}
