import Dialog from '@mui/material/Dialog';
import Link from '@mui/material/Link';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { api, type SignInResponse } from '@/api';
import { addTagTypes } from '@/api/generated';
import type { Dispatch } from '@/api/dispatch';
import { useSession } from '@/api/session';
import { AccountForm } from './AccountForm';

/**
 * Lets somebody whose session has ended sign in again where they were. It covers what they see, as it may be somebody else who sits there
 * now; who is another user, or comes to another tenant, begins anew.
 */
export function SignInAgain() {
  const { t } = useTranslation('session');
  const dispatch = useDispatch<Dispatch>();
  const { user, tenant } = useSession();
  const [signIn, { error, isLoading }] = api.useSignInMutation();
  const [switchTenant, move] = api.useSwitchTenantMutation();

  const resume = async ({ session }: SignInResponse) => {
    let now = session;
    if (now?.user?.id !== user?.id) return window.location.reload();
    if (now?.tenant?.id !== tenant?.id) now = (await switchTenant({ body: { tenant: tenant?.id } })).data;
    if (now === undefined) return window.location.reload();
    await dispatch(api.util.upsertQueryData('getCurrentSession', undefined, now));
    dispatch(api.util.invalidateTags(addTagTypes.filter((tag) => tag !== 'Accounts')));
  };
  return (
    <Dialog
      open
      fullScreen
      transitionDuration={0}
      slotProps={{ paper: { 'aria-label': t('signIn.title'), 'aria-labelledby': undefined, sx: { bgcolor: 'background.default' } } }}
    >
      <AccountForm
        title={t('signIn.title')}
        text={t('again.text')}
        fields={['email', 'password']}
        initial={{ email: user?.email ?? '' }}
        submit={t('signIn.submit')}
        busy={isLoading || move.isLoading}
        error={error}
        onSubmit={async ({ email, password }) => {
          const { data } = await signIn({ body: { email, password } });
          if (data !== undefined) await resume(data);
        }}
        footer={
          <Link href="/sign-in" underline="always">
            {t('again.other')}
          </Link>
        }
      />
    </Dialog>
  );
}
