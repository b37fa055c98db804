import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { useLocation } from 'react-router';
import { afterRelease, api } from '@/api';
import { useNotify } from '@/ui/notices';
import { live, staleBy } from './stale';
import { listen } from './stream';

const quiet = 10_000; // ms

/** Listens to what changes on the server, for as long as somebody is signed in, and has it read again where it is shown. */
export function Live() {
  const { t } = useTranslation('app');
  const dispatch = useDispatch();
  const notify = useNotify();
  const inApp = useLocation().pathname.startsWith('/work/');
  const now = useRef({ t, notify, inApp });
  useEffect(() => {
    now.current = { t, notify, inApp };
  });
  useEffect(() => {
    const renew = () => void dispatch(api.util.invalidateTags([...afterRelease]));
    let told = 0;
    const release = () => {
      // A page in use stays as it is until its user wants the new one.
      if (!now.current.inApp) return renew();
      if (Date.now() - told < quiet) return; // it is told twice, and still on the screen
      told = Date.now();
      now.current.notify({ severity: 'info', text: now.current.t('live.released'), action: { label: now.current.t('live.reload'), run: renew } });
    };
    return listen({
      changed: (changes) => {
        const { tags, released } = staleBy(changes);
        dispatch(api.util.invalidateTags([...tags]));
        if (released) release();
      },
      back: () => void dispatch(api.util.invalidateTags([...live])),
      ended: () => void dispatch(api.util.invalidateTags(['Accounts'])),
    });
  }, [dispatch]);
  return null;
}
