import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { useNotify } from '@/ui/notices';

/** Leaving, and moving to another tenant. Either way nothing that was read before is kept. */
export function useAccount(): { signOut: () => Promise<void>; switchTenant: (id: string) => Promise<void> } {
  const { t } = useTranslation('app');
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const notify = useNotify();
  const [endSession] = api.useSignOutMutation();
  const [move] = api.useSwitchTenantMutation();
  const signOut = useCallback(async () => {
    const result = await endSession();
    if (result.error !== undefined && !('status' in result.error && result.error.status === 401)) {
      notify({ severity: 'error', text: t('signOutFailed') });
      return;
    }
    await navigate('/sign-in');
    dispatch(api.util.resetApiState());
  }, [endSession, navigate, dispatch, notify, t]);
  const switchTenant = useCallback(
    async (tenant: string) => {
      const result = await move({ body: { tenant } });
      if (result.error !== undefined) {
        notify({ severity: 'error', text: t('switchFailed') });
        return;
      }
      await navigate('/');
      dispatch(api.util.resetApiState());
    },
    [move, navigate, dispatch, notify, t],
  );
  return { signOut, switchTenant };
}
