import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import HowToRegIcon from '@mui/icons-material/HowToRegOutlined';
import { skipToken } from '@reduxjs/toolkit/query';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { AskedContext, usePlace } from '@/renderer/place';
import { ErrorNotice } from '@/ui/ErrorNotice';
import type { Control, ControlProps } from '../contract';
import { Answer } from './Answer';

interface ConfirmationProps {
  workflow: string;
  empty: string;
}

const pollEvery = 120_000; // ms; changes are told, this is for those that are not

function Confirmation({ props, mode }: ControlProps<ConfirmationProps>) {
  const { t } = useTranslation('controls');
  const { component, entry } = usePlace();
  const { data, error } = api.useListTasksQuery(entry === undefined ? skipToken : { state: 'TASK_STATE_OPEN', pageSize: 100 }, {
    pollingInterval: pollEvery,
    skipPollingIfUnfocused: true,
  });
  const asked = useContext(AskedContext);
  const waiting = (data?.tasks ?? []).filter(
    (task) => task.component === component && task.entry === entry && (props.workflow === '' || task.workflow === props.workflow),
  );
  const tasks = waiting.filter((task) => task.id !== asked);
  if (error !== undefined && data === undefined) return <ErrorNotice error={error} />;
  if (waiting.length > 0 && tasks.length === 0) return null;
  if (tasks.length === 0) {
    const text = props.empty || (mode === 'edit' ? t('confirmation-state.nothing') : '');
    return text === '' ? null : (
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        {text}
      </Typography>
    );
  }
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {tasks.map((task) => (
        <Box
          key={task.id}
          component="section"
          aria-label={task.title}
          sx={{ border: 1, borderColor: 'primary.main', borderRadius: 1, bgcolor: 'background.paper', p: 2, display: 'grid', gap: 1.5 }}
        >
          <Box>
            <Typography variant="h2">{task.title}</Typography>
            {task.description !== '' && <Typography variant="body2">{task.description}</Typography>}
          </Box>
          <Answer task={task} disabled={mode === 'edit'} />
        </Box>
      ))}
    </Box>
  );
}

/** The question of a workflow that waits for the entry of the page, to be answered here. */
export const control: Control<ConfirmationProps> = {
  type: 'confirmation-state',
  title: 'controls:confirmation-state.title',
  icon: HowToRegIcon,
  group: 'action',
  schema: {
    workflow: { kind: 'workflow', label: 'controls:confirmation-state.workflow', help: 'controls:confirmation-state.workflowHelp', group: 'data', default: '' },
    empty: { kind: 'text', label: 'controls:confirmation-state.empty', group: 'content', default: '', bindable: true },
  },
  defaults: { workflow: '', empty: '' },
  View: Confirmation,
};
