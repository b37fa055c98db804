import Link from '@mui/material/Link';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api } from '@/api';
import { AccountForm } from './AccountForm';
import { useEnter } from './enter';

export function Component() {
  const { t } = useTranslation('session');
  const enter = useEnter();
  const [signIn, { error, isLoading }] = api.useSignInMutation();
  return (
    <AccountForm
      title={t('signIn.title')}
      fields={['email', 'password']}
      submit={t('signIn.submit')}
      busy={isLoading}
      error={error}
      onSubmit={async ({ email, password }) => {
        const { data } = await signIn({ body: { email, password } });
        if (data !== undefined) enter(data);
      }}
      footer={
        <>
          {t('signIn.new')}{' '}
          <Link component={RouteLink} to="/sign-up" underline="always">
            {t('signIn.signUp')}
          </Link>
        </>
      }
    />
  );
}
