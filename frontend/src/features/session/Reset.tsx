import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '@/api';
import { AccountForm, Card } from './AccountForm';
import { useLinkToken } from './enter';
import { NoToken } from './NoToken';

/** The page of a password link. It ends all sessions, so the way on is to sign in. */
export function Component() {
  const { t } = useTranslation('session');
  const token = useLinkToken();
  const [reset, { error, isLoading, isSuccess }] = api.useResetPasswordMutation();
  if (isSuccess) {
    return (
      <Card>
        <Typography variant="h1">{t('reset.done')}</Typography>
        <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5, mb: 2.5 }}>
          {t('reset.doneText')}
        </Typography>
        <Button variant="contained" component={Link} to="/sign-in" replace>
          {t('reset.signIn')}
        </Button>
      </Card>
    );
  }
  if (token === '') return <NoToken />;
  return (
    <AccountForm
      title={t('reset.title')}
      fields={['newPassword']}
      submit={t('reset.submit')}
      busy={isLoading}
      error={error}
      onSubmit={({ newPassword }) => void reset({ body: { token, password: newPassword } })}
    />
  );
}
