import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Run, type RunEvent } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useTimes } from '@/ui/times';
import { localeOf } from '@/values/locale';
import { ErrorFields } from '../run/ErrorFields';
import { Hint, RunDock, Shown } from '../run/RunDock';
import { useSample } from '../run/useSample';
import type { WorkflowTry } from './useRun';

/** Rows of the history that are shown; the newest ones. */
const mostShown = 200;

const colors = { SUCCEEDED: 'success', FAILED: 'error', WAITING: 'warning', RUNNING: 'info' } as const;

function stateOf(run: Run): string {
  return (run.state ?? '').replace('RUN_STATE_', '');
}

/** Where a workflow is started, and where its runs are followed. */
export function WorkflowRun({ component, workflow, run: tried, onClose }: { component: string; workflow: string; run: WorkflowTry; onClose: () => void }) {
  const { t } = useTranslation('flows');
  const [sample, setSample] = useSample(component, `workflows/${workflow}`);
  const { data: header } = api.useGetComponentQuery({ component });
  const [businessKey, setKey] = useState('');
  const { run, runs, events, error } = tried;
  const when = useTimes();
  const all = run !== undefined && !runs.some((one) => one.id === run.id) ? [run, ...runs] : runs;
  return (
    <RunDock
      title={t('run.start')}
      note={header === undefined ? '' : t(header.publishedRevision === header.revision ? 'run.live' : header.publishedRevision === '0' ? 'run.never' : 'run.older')}
      busy={tried.busy}
      sample={sample}
      onSample={setSample}
      main={{ words: t('run.start'), onRun: ({ input, entry }) => tried.start({ input, entry, businessKey }) }}
      onClose={onClose}
      entry
      fields={<TextField label={t('run.key')} value={businessKey} onChange={(event) => setKey(event.target.value)} />}
    >
      <ErrorNotice error={error} />
      <ErrorFields error={error} />
      {all.length > 0 && run !== undefined && (
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <TextField select label={t('run.which')} value={run.id ?? ''} onChange={(event) => tried.choose(event.target.value)}>
            {all.map((one) => (
              <MenuItem key={one.id} value={one.id}>
                {when(one.createTime)} {one.businessKey && `· ${one.businessKey}`}
              </MenuItem>
            ))}
          </TextField>
          <Chip variant="outlined" color={colors[stateOf(run) as keyof typeof colors] ?? 'default'} label={t(`state.${stateOf(run)}`)} />
        </Box>
      )}
      {run?.error && <Shown title={t('run.error')} value={run.error} />}
      {run && stateOf(run) === 'SUCCEEDED' && <Shown title={t('run.output')} value={run.output} />}
      {events.length > 0 && <History events={events} />}
      {run === undefined && error === undefined && (
        <Hint words={t(tried.busy ? 'run.busy' : 'run.hintWorkflow')} />
      )}
    </RunDock>
  );
}

function History({ events }: { events: readonly RunEvent[] }) {
  const { t, i18n } = useTranslation('flows');
  return (
    <Box component="table" sx={{ borderCollapse: 'collapse', fontSize: '0.75rem', width: '100%', '& td': { py: 0.25, pr: 1.5, verticalAlign: 'top' } }} aria-label={t('run.history')}>
      <tbody>
        {events.slice(-mostShown).map((event) => (
          <tr key={event.seq}>
            <Box component="td" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
              {new Date(event.time ?? 0).toLocaleTimeString(localeOf(i18n.language))}
            </Box>
            <td>{t(`event.${(event.type ?? '').replace('.', '_')}`, { defaultValue: event.type })}</td>
            <td>
              <code>{event.task?.split('/').at(-1)}</code>
            </td>
            <Box component="td" sx={{ color: 'error.main' }}>
              {event.error?.detail || event.error?.title}
            </Box>
          </tr>
        ))}
      </tbody>
    </Box>
  );
}
