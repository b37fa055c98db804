import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import Popover from '@mui/material/Popover';
import Typography from '@mui/material/Typography';
import BellIcon from '@mui/icons-material/NotificationsNoneOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Notice } from '@/api';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useNotify } from '@/ui/notices';
import { useTimes } from '@/ui/times';
import { target } from './target';
import { newest } from './useNotices';

/** How many are shown at most. */
const most = 100;

/** The notices of the user. One that leads to a page opens it; either way it counts as read then. */
export function Notices({ anchor, onClose }: { anchor: HTMLElement; onClose: () => void }) {
  const { t } = useTranslation('notices');
  const navigate = useNavigate();
  const notify = useNotify();
  const [pageSize, setPageSize] = useState<number>(newest.pageSize);
  const { data, currentData, error, refetch } = api.useListNoticesQuery({ pageSize });
  const [markRead] = api.useReadNoticesMutation();
  const shown = data?.notices ?? [];
  const more = (data?.nextPageToken ?? '') !== '' && pageSize < most;

  const read = async (body: { all?: true; notices?: string[] }) => {
    const result = await markRead({ body });
    if (result.error !== undefined) notify({ severity: 'error', text: t('failed') });
  };
  const open = (notice: Notice) => {
    if (notice.readTime === undefined) void read({ notices: [notice.id ?? ''] });
    const to = target(notice);
    if (to === undefined) return;
    onClose();
    void navigate(to);
  };

  return (
    <Popover
      open
      anchorEl={anchor}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
      transformOrigin={{ vertical: 'top', horizontal: 'right' }}
      slotProps={{ paper: { role: 'dialog', 'aria-label': t('title'), sx: { width: 380, maxWidth: 'calc(100vw - 32px)', maxHeight: 'min(560px, 80vh)', mt: 0.5 } } }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', px: 2, pt: 1.5, pb: 0.5, minHeight: 44 }}>
        <Typography variant="h3" component="h2">
          {t('title')}
        </Typography>
        {(data?.unreadCount ?? 0) > 0 && (
          <Button size="small" onClick={() => void read({ all: true })}>
            {t('allRead')}
          </Button>
        )}
      </Box>
      {error !== undefined && data === undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && shown.length === 0 && <EmptyState icon={<BellIcon />} title={t('empty')} text={t('emptyText')} />}
      <List disablePadding>
        {shown.map((notice) => (
          <ListItem key={notice.id} disablePadding>
            <ListItemButton onClick={() => open(notice)} sx={{ alignItems: 'flex-start', gap: 1, px: 2, py: 1 }}>
              <Mark unread={notice.readTime === undefined} />
              <Words notice={notice} />
            </ListItemButton>
          </ListItem>
        ))}
      </List>
      {more && (
        <Box sx={{ p: 1, textAlign: 'center' }}>
          <Button size="small" disabled={currentData === undefined} onClick={() => setPageSize(most)}>
            {t('more')}
          </Button>
        </Box>
      )}
    </Popover>
  );
}

function Mark({ unread }: { unread: boolean }) {
  const { t } = useTranslation('notices');
  const dot = { width: 8, height: 8, mt: '7px', borderRadius: '50%', flexShrink: 0 };
  return unread ? <Box role="img" aria-label={t('unread')} sx={{ ...dot, bgcolor: 'primary.main' }} /> : <Box sx={dot} />;
}

function Words({ notice }: { notice: Notice }) {
  const format = useTimes();
  return (
    <Box sx={{ minWidth: 0, flex: 1, overflowWrap: 'anywhere' }}>
      <Typography variant="body2" sx={{ fontWeight: notice.readTime === undefined ? 600 : 400 }}>
        {notice.title}
      </Typography>
      {notice.text !== undefined && (
        <Typography variant="body2" sx={{ color: 'text.secondary', whiteSpace: 'pre-line', maxHeight: 200, overflowY: 'auto' }}>
          {notice.text}
        </Typography>
      )}
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        {format(notice.createTime)}
      </Typography>
    </Box>
  );
}
