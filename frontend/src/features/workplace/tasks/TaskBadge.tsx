import Chip from '@mui/material/Chip';
import { useTranslation } from 'react-i18next';
import { useOpenTasks } from './useOpenTasks';

/** How many tasks wait for the user. */
export function TaskBadge() {
  const { t } = useTranslation('workplace');
  const { tasks, more } = useOpenTasks();
  if (tasks.length === 0) return null;
  return <Chip color="primary" label={more ? `${tasks.length}+` : tasks.length} aria-label={t('tasks.waiting', { count: tasks.length })} sx={{ height: 18 }} />;
}
