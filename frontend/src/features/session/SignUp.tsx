import Link from '@mui/material/Link';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api } from '@/api';
import { AccountForm } from './AccountForm';
import { useEnter } from './enter';

export function Component() {
  const { t } = useTranslation('session');
  const enter = useEnter();
  const [signUp, { error, isLoading }] = api.useSignUpMutation();
  return (
    <AccountForm
      title={t('signUp.title')}
      text={t('signUp.text')}
      fields={['tenantName', 'displayName', 'email', 'newPassword']}
      submit={t('signUp.submit')}
      busy={isLoading}
      error={error}
      onSubmit={async ({ tenantName, displayName, email, newPassword }) => {
        const { data } = await signUp({ body: { tenantName, displayName, email, password: newPassword } });
        if (data !== undefined) enter(data);
      }}
      footer={
        <>
          {t('signUp.known')}{' '}
          <Link component={RouteLink} to="/sign-in" underline="always">
            {t('signUp.signIn')}
          </Link>
        </>
      }
    />
  );
}
