import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type TestedStep } from '@/api';
import { useSession } from '@/api/session';
import type { Type } from '@/expr/type';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { ErrorFields } from '../run/ErrorFields';
import { ItemsTable } from '../run/ItemsTable';
import { Hint, RunDock, Shown } from '../run/RunDock';
import { Unsaved } from '../run/Unsaved';
import type { Sample } from '../run/useSample';
import { wordsOf } from './outcome';
import type { DataflowTry } from './useDataflowRun';

interface DataflowRunProps {
  component: string;
  run: DataflowTry;
  sample: Sample;
  onSample: (change: Partial<Sample>) => void;
  /** The selected step, with what people call it. */
  step: { id: string; title: string; type: Type | undefined } | undefined;
  onClose: () => void;
}

/** Where a dataflow is tried. */
export function DataflowRun({ component, run, sample, onSample, step, onClose }: DataflowRunProps) {
  const { t } = useTranslation('flows');
  const session = useSession();
  const { data: header } = api.useGetComponentQuery({ component });
  const mayTest = session.can('components.write', component);
  const mayRun = session.can('dataflows.run', component) && (header?.publishedRevision ?? '0') !== '0';
  const main = mayTest ? { words: t('run.test'), onRun: run.test } : undefined;
  const live = mayRun ? { words: t('run.runLive'), hint: t('run.live'), onRun: run.live } : undefined;
  return (
    <RunDock
      title={t('run.title')}
      note={t(mayTest ? 'run.draft' : 'run.live')}
      busy={run.busy}
      sample={sample}
      onSample={onSample}
      main={main ?? live}
      other={main && live}
      entry
      onClose={onClose}
    >
      <Unsaved saving={run.unsaved} />
      <ErrorNotice error={run.error} />
      <ErrorFields error={run.error} />
      {run.outcome && <Results run={run} step={step} />}
      {run.outcome === undefined && run.error === undefined && <Hint words={t(run.busy ? 'run.busy' : mayTest ? 'run.hint' : 'run.hintLive')} />}
    </RunDock>
  );
}

/** What the selected step did, or what came of it all. */
function Results({ run: { outcome }, step }: Pick<DataflowRunProps, 'run' | 'step'>) {
  const { t } = useTranslation('flows');
  const did = step && outcome?.steps.get(step.id);
  const [tab, setTab] = useState<'step' | 'all'>('all');
  const chosen = did === undefined ? undefined : step?.id;
  useEffect(() => setTab(chosen === undefined ? 'all' : 'step'), [chosen, outcome]);
  const actions = outcome?.actions ?? [];
  const shown = did === undefined ? 'all' : tab;
  return (
    <>
      <Tabs value={shown} onChange={(_, next: 'step' | 'all') => setTab(next)} sx={{ minHeight: 32, mt: -0.75, '& .MuiTab-root': { minHeight: 32, py: 0.5, px: 1.25, minWidth: 0 } }}>
        <Tab value="all" label={t('run.output')} />
        {did && <Tab value="step" label={step?.title} />}
      </Tabs>
      {shown === 'all' && outcome?.failed !== undefined && <Alert severity="error">{t('run.failedAt', { step: outcome.failed, error: outcome.steps.get(outcome.failed)?.error ?? '' })}</Alert>}
      {shown === 'all' && outcome?.failed === undefined && <Shown title={t('run.output')} value={outcome?.output} />}
      {shown === 'all' && actions.length > 0 && <Shown title={t('run.actions')} value={actions} />}
      {shown === 'step' && did && step && <StepResult did={did} title={step.title} type={step.type} live={outcome?.live ?? false} />}
    </>
  );
}

function StepResult({ did, title, type, live }: { did: TestedStep; title: string; type: Type | undefined; live: boolean }) {
  const { t } = useTranslation('flows');
  const { report, error, skipped = [], items = [] } = did;
  const errors = report?.errors ?? [];
  return (
    <>
      {error ? <Alert severity="error">{error}</Alert> : <Box sx={{ fontSize: '0.75rem', color: 'text.secondary' }}>{wordsOf({ ...did, skipped: [] }, t)}</Box>}
      {skipped.length > 0 && (
        <Alert severity="info">
          {skipped.map((words, i) => (
            <Box key={i}>{words}</Box>
          ))}
        </Alert>
      )}
      {errors.length > 0 && (
        <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: '0.75rem', color: 'error.main' }}>
          {errors.map((one, i) => (
            <li key={i}>
              {t('run.row', { line: one.line ?? '0' })} {one.field && <code>{one.field}</code>} {one.message}
            </li>
          ))}
        </Box>
      )}
      {!live && !error && <ItemsTable label={t('run.items', { name: title })} items={items} total={Number(report?.rowsOut ?? 0)} type={type} />}
    </>
  );
}
