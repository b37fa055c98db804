import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { useSession } from '@/api/session';

/** The name of a user, as far as whoever looks may know it. */
export function Creator({ subject }: { subject: string }) {
  const { t } = useTranslation('files');
  const { user: me, can } = useSession();
  const own = me?.id === subject;
  const { currentData } = api.useGetUserQuery({ user: subject }, { skip: own || subject === '' || !can('users.read') });
  const user = own ? me : currentData;
  return user?.displayName || user?.email || t('unknown');
}
