import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import InboxIcon from '@mui/icons-material/InboxOutlined';
import { skipToken } from '@reduxjs/toolkit/query';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink, useSearchParams } from 'react-router';
import { api, type Task } from '@/api';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { TaskDetail } from './TaskDetail';
import { openTasks } from './useOpenTasks';

const states = { open: openTasks, answered: { state: 'TASK_STATE_ANSWERED', pageSize: 100 } } as const;

/** The inbox: questions of workflows, and what became of them. */
export function Component() {
  const { t } = useTranslation('workplace');
  const [search, setSearch] = useSearchParams();
  const view = search.get('show') === 'answered' ? 'answered' : 'open';
  const chosen = search.get('task') ?? undefined;
  const { data, error, refetch } = api.useListTasksQuery(states[view], { refetchOnMountOrArgChange: true });
  const tasks = data?.tasks ?? [];
  const found = tasks.find((task) => task.id === chosen);
  // One that was answered a moment ago, or that a link leads to, may not be in the list.
  const single = api.useGetTaskQuery(chosen !== undefined && data !== undefined && found === undefined ? { task: chosen } : skipToken);
  const task = found ?? (single.currentData?.id === chosen ? single.currentData : undefined);
  const empty = data !== undefined && tasks.length === 0 && task === undefined;
  const show = (next: string) => setSearch(next === 'answered' ? { show: 'answered' } : {});
  return (
    <PageFrame
      wide
      title={t('tasks.title')}
      text={t('tasks.text')}
      actions={
        <ToggleButtonGroup size="small" exclusive value={view} onChange={(_, next: string | null) => next !== null && show(next)} aria-label={t('tasks.filter')}>
          <ToggleButton value="open">{t('tasks.open')}</ToggleButton>
          <ToggleButton value="answered">{t('tasks.answered')}</ToggleButton>
        </ToggleButtonGroup>
      }
    >
      {error !== undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === undefined && (
        <Card>
          <RowsSkeleton />
        </Card>
      )}
      {empty && (
        <Card>
          <EmptyState
            icon={<InboxIcon />}
            title={t(view === 'open' ? 'tasks.empty' : 'tasks.emptyAnswered')}
            text={t(view === 'open' ? 'tasks.emptyText' : 'tasks.emptyAnsweredText')}
          />
        </Card>
      )}
      {data !== undefined && !empty && (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '280px minmax(0, 1fr)' }, alignItems: 'start' }}>
          {tasks.length > 0 && (
            <Card component="nav" aria-label={t('tasks.list')} sx={{ display: { xs: chosen === undefined ? 'block' : 'none', md: 'block' } }}>
              <List disablePadding sx={{ p: 0.75 }}>
                {tasks.map((one) => (
                  <Item key={one.id} task={one} view={view} selected={one.id === chosen} />
                ))}
              </List>
            </Card>
          )}
          <Box sx={{ display: { xs: chosen === undefined ? 'none' : 'block', md: 'block' } }}>
            <Button component={RouteLink} to={view === 'open' ? '/work/tasks' : '/work/tasks?show=answered'} sx={{ display: { md: 'none' }, mb: 1 }}>
              {t('tasks.back')}
            </Button>
            <ErrorNotice error={single.error} />
            {task !== undefined && <TaskDetail key={task.id} task={task} />}
            {chosen === undefined && (
              <Card>
                <EmptyState icon={<InboxIcon />} title={t('tasks.waiting', { count: tasks.length })} text={t('tasks.choose')} />
              </Card>
            )}
          </Box>
        </Box>
      )}
    </PageFrame>
  );
}

function Item({ task, view, selected }: { task: Task; view: string; selected: boolean }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const to = `/work/tasks?${new URLSearchParams({ ...(view === 'answered' && { show: 'answered' }), task: task.id ?? '' }).toString()}`;
  const since = task.dueTime === undefined ? t('tasks.since', { time: time(task.createTime) }) : t('tasks.due', { time: time(task.dueTime) });
  const when = task.remindTime === undefined ? since : `${since} · ${t('tasks.reminded', { time: time(task.remindTime) })}`;
  const held = (task.assigneeName ?? '') === '' ? when : `${when} · ${t('tasks.with', { name: task.assigneeName })}`;
  return (
    <ListItem disablePadding>
      <ListItemButton component={RouteLink} to={to} selected={selected} aria-current={selected ? 'true' : undefined} sx={{ py: 0.5 }}>
        <ListItemText primary={task.title} secondary={held} slotProps={{ primary: { variant: 'body2', sx: { fontWeight: 600 } }, secondary: { variant: 'caption' } }} />
      </ListItemButton>
    </ListItem>
  );
}

