import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { AccountForm } from './AccountForm';
import { useEnter, useLinkToken } from './enter';
import { NoToken } from './NoToken';

/** The page of the one-time link that the installation prints: it makes the first tenant and its administrator. */
export function Component() {
  const { t } = useTranslation('session');
  const enter = useEnter();
  const token = useLinkToken();
  const [complete, { error, isLoading }] = api.useCompleteSetupMutation();
  if (token === '') return <NoToken />;
  return (
    <AccountForm
      title={t('setup.title')}
      text={t('setup.text')}
      fields={['tenantName', 'displayName', 'email', 'newPassword']}
      submit={t('setup.submit')}
      busy={isLoading}
      error={error}
      onSubmit={async ({ tenantName, displayName, email, newPassword }) => {
        const { data } = await complete({ body: { token, tenantName, displayName, email, password: newPassword } });
        if (data !== undefined) enter(data);
      }}
    />
  );
}
