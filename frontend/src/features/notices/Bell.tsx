import Badge from '@mui/material/Badge';
import IconButton from '@mui/material/IconButton';
import BellIcon from '@mui/icons-material/NotificationsNoneOutlined';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useArrivals } from './useArrivals';
import { useNotices } from './useNotices';

const Notices = lazy(() => import('./Notices').then(({ Notices: view }) => ({ default: view })));

/** How many notices were not read, and the way to them. */
export function Bell() {
  const { t } = useTranslation('notices');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { notices, unread } = useNotices();
  useArrivals(notices);
  return (
    <>
      <IconButton
        aria-label={unread > 0 ? t('openUnread', { count: unread }) : t('open')}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Badge badgeContent={unread} max={99} color="primary" slotProps={{ badge: { sx: { height: 16, minWidth: 16, fontSize: '0.625rem', px: 0.5 } } }}>
          <BellIcon fontSize="small" />
        </Badge>
      </IconButton>
      {anchor !== null && (
        <Suspense>
          <Notices anchor={anchor} onClose={() => setAnchor(null)} />
        </Suspense>
      )}
    </>
  );
}
