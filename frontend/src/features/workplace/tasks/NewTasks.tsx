import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Task } from '@/api';
import { useNotify } from '@/ui/notices';
import { openTasks } from './useOpenTasks';

const begun = (task: Task) => Date.parse(task.createTime ?? '') || 0;

/** Tells of tasks that came while the app was open. It has no need to ask: the badge does. */
export function NewTasks() {
  const { t } = useTranslation('workplace');
  const notify = useNotify();
  const navigate = useNavigate();
  const { data } = api.endpoints.listTasks.useQueryState(openTasks);
  const newest = useRef<number>(undefined);
  useEffect(() => {
    if (data === undefined) return;
    const tasks = data.tasks ?? [];
    const fresh = newest.current === undefined ? [] : tasks.filter((task) => begun(task) > (newest.current ?? 0));
    newest.current = Math.max(newest.current ?? 0, ...tasks.map(begun));
    const first = fresh[0];
    if (first === undefined) return;
    const here = new URLSearchParams(location.search).get('task');
    if (fresh.length === 1 && here === first.id) return;
    const to = fresh.length === 1 ? `/work/tasks?task=${encodeURIComponent(first.id ?? '')}` : '/work/tasks';
    notify({
      severity: 'info',
      text: fresh.length === 1 ? t('tasks.arrived', { title: first.title }) : t('tasks.arrivedMany', { count: fresh.length }),
      action: { label: t('tasks.look'), run: () => void navigate(to) },
    });
  }, [data, notify, navigate, t]);
  return null;
}
