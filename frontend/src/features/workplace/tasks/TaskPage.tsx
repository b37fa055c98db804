import Card from '@mui/material/Card';
import { useCallback, useMemo } from 'react';
import { useNavigate } from 'react-router';
import type { Task } from '@/api';
import { AskedContext } from '@/renderer/place';
import { PageStage } from '../page/PageStage';
import type { Target } from '../page/target';

interface TaskPageProps {
  task: Task;
  onDirty: (dirty: boolean) => void;
}

/** The page that a task names, about the entry of its run. Nothing for those who may not open it: the question is theirs all the same. */
export function TaskPage({ task: { id = '', component = '', page = '', entry = '' }, onDirty }: TaskPageProps) {
  const navigate = useNavigate();
  const leave = useCallback(() => void navigate('/work/tasks'), [navigate]);
  const target = useMemo<Target>(() => ({ component, page, entry, params: {}, returns: false }), [component, page, entry]);
  return (
    <Card sx={{ flex: '2 1 440px', minWidth: 0, p: { xs: 2, sm: 2.5 }, '&:empty': { display: 'none' } }}>
      <AskedContext.Provider value={id}>
        <PageStage target={target} leave={leave} onDirty={onDirty} closed={null} />
      </AskedContext.Provider>
    </Card>
  );
}

/** Whether a task has a page to show: one without an entry has nothing to show on it. */
export const hasPage = (task: Task): boolean => task.state === 'TASK_STATE_OPEN' && (task.page ?? '') !== '' && (task.entry ?? '') !== '';
