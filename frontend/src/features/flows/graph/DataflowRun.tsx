import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { api, type ApiError, isApiError, type RunDataflowResponse, type StepReport } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import type { Json } from '@/values/json';
import type { Trace } from '../drawing/Card';
import { ErrorFields } from '../run/ErrorFields';
import { RunDock, Shown } from '../run/RunDock';

/** DataflowTry is a try of a dataflow: how to start it, and what came of the last one. */
export interface DataflowTry {
  start: (input: Json) => void;
  busy: boolean;
  error: ApiError | undefined;
  result: RunDataflowResponse | undefined;
}

/** Runs the live version of a dataflow. */
export function useDataflowRun(component: string, dataflow: string): DataflowTry {
  const [run, { data, error, isLoading }] = api.useRunDataflowMutation();
  return {
    start: (input) => void run({ component, dataflow, body: { input, requestId: crypto.randomUUID() } }),
    busy: isLoading,
    error: isApiError(error) ? error : undefined,
    result: error === undefined ? data : undefined,
  };
}

/** The report of each step. */
export function reportsOf(result: RunDataflowResponse | undefined): ReadonlyMap<string, StepReport> {
  return new Map((result?.steps ?? []).map((report) => [report.step ?? '', report]));
}

/** What the steps did, for the drawing. */
export function tracesOf(result: RunDataflowResponse | undefined, t: (key: string, values: Record<string, string | number>) => string): ReadonlyMap<string, Trace> {
  return new Map(
    (result?.steps ?? []).map((report) => {
      const failed = Number(report.rowsFailed ?? 0);
      const took = Math.round(parseFloat(report.duration ?? '0') * 1000);
      const words = t(failed > 0 ? 'run.rowsFailed' : 'run.rows', { in: report.rowsIn ?? '0', out: report.rowsOut ?? '0', failed, took });
      return [report.step ?? '', { state: failed > 0 ? 'failed' : 'done', words } as const];
    }),
  );
}

/** Where a dataflow is tried. */
export function DataflowRun({ component, run, onClose }: { component: string; run: DataflowTry; onClose: () => void }) {
  const { t } = useTranslation('flows');
  const actions = run.result?.actions ?? [];
  return (
    <RunDock component={component} title={t('run.title')} busy={run.busy} onRun={run.start} onClose={onClose}>
      <ErrorNotice error={run.error} />
      <ErrorFields error={run.error} />
      {run.result && <Shown title={t('run.output')} value={run.result.output} />}
      {actions.length > 0 && <Shown title={t('run.actions')} value={actions} />}
      {run.result === undefined && run.error === undefined && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          {t(run.busy ? 'run.busy' : 'run.hint')}
        </Typography>
      )}
    </RunDock>
  );
}
