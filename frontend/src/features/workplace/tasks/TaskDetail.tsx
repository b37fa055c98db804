import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Divider from '@mui/material/Divider';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Task } from '@/api';
import { useSession } from '@/api/session';
import { Answer } from '@/controls/confirmation-state/Answer';
import { useTimes } from '@/ui/times';
import { AppLink } from '../AppLink';
import { Values } from '../Values';
import { Assignment } from './Assignment';
import { hasPage, TaskPage } from './TaskPage';

/** A task with what it is about, and the means to answer it. */
export function TaskDetail({ task }: { task: Task }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const { data } = api.useListPublishedComponentsQuery();
  const fields = data?.components?.find((one) => one.id === task.component)?.model?.fields ?? [];
  const answer = task.choices?.find((one) => JSON.stringify(one.value) === JSON.stringify(task.answer));
  const session = useSession();
  const held = (task.assignee ?? '') !== '' && task.assignee !== session.user?.id && session.user?.roles?.includes('admin') !== true;
  const [dirty, setDirty] = useState(false);
  const question = (
    <Card component="article" aria-label={task.title} sx={{ flex: '1 1 300px', p: 2.5, display: 'grid', gap: 2 }}>
      <Box>
        <Typography variant="h2">{task.title}</Typography>
        <Typography variant="caption" component="p" sx={{ color: 'text.secondary' }}>
          <AppLink component={task.component ?? ''} /> · {t('tasks.since', { time: time(task.createTime) })}
          {task.dueTime !== undefined && ` · ${t('tasks.due', { time: time(task.dueTime) })}`}
          {task.remindTime !== undefined && ` · ${t('tasks.reminded', { time: time(task.remindTime) })}`}
          {task.escalateTime !== undefined && ` · ${t('tasks.escalated', { time: time(task.escalateTime) })}`}
        </Typography>
        {task.description !== '' && (
          <Typography variant="body1" sx={{ mt: 1 }}>
            {task.description}
          </Typography>
        )}
      </Box>
      {task.data !== undefined && task.data !== null && (
        <>
          <Divider />
          <Box component="section" aria-label={t('tasks.about')}>
            <Values values={task.data} fields={fields} />
          </Box>
        </>
      )}
      <Divider />
      {dirty && <Alert severity="warning">{t('tasks.unsaved')}</Alert>}
      {task.state === 'TASK_STATE_OPEN' ? (
        <>
          <Assignment task={task} />
          {!held && <Answer task={task} />}
        </>
      ) : (
        <Alert severity={task.state === 'TASK_STATE_ANSWERED' ? 'success' : 'info'} variant="outlined">
          {answer?.label ?? t('tasks.answered')}
          {task.answerTime !== undefined && ` · ${time(task.answerTime)}`}
          {task.comment !== undefined && task.comment !== '' && (
            <Typography variant="body2" component="p">
              {task.comment}
            </Typography>
          )}
        </Alert>
      )}
    </Card>
  );
  if (!hasPage(task)) return question;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'flex-start' }}>
      {question}
      <TaskPage task={task} onDirty={setDirty} />
    </Box>
  );
}
