import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Notice } from '@/api';
import { useNotify } from '@/ui/notices';
import { target } from './target';

const sent = (notice: Notice) => Date.parse(notice.createTime ?? '') || 0;

/** Tells of notices that came while the app was open. */
export function useArrivals(notices: readonly Notice[] | undefined): void {
  const { t } = useTranslation('notices');
  const notify = useNotify();
  const navigate = useNavigate();
  const last = useRef<number>(undefined);
  useEffect(() => {
    if (notices === undefined) return;
    const before = last.current;
    last.current = Math.max(before ?? 0, ...notices.map(sent));
    const fresh = before === undefined ? [] : notices.filter((one) => sent(one) > before && one.readTime === undefined);
    const [first] = fresh;
    if (first === undefined) return;
    const to = fresh.length === 1 ? target(first) : undefined;
    notify({
      severity: 'info',
      text: fresh.length === 1 ? (first.title ?? '') : t('arrivedMany', { count: fresh.length }),
      ...(to !== undefined && { action: { label: t('look'), run: () => void navigate(to) } }),
    });
  }, [notices, notify, navigate, t]);
}
