import type { Action, RunDataflowResponse, TestDataflowResponse, TestedStep, Value } from '@/api';
import type { Trace } from '../drawing/Card';

/** Outcome is what came of the last try of a dataflow: a test of the draft, or a run of the live version. */
export interface Outcome {
  live: boolean;
  output: Value;
  actions: readonly Action[];
  /** By step, in the order in which they ran. */
  steps: ReadonlyMap<string, TestedStep>;
  /** The step that failed, if one did. */
  failed: string | undefined;
}

export function ofTest({ steps = [], output, actions = [] }: TestDataflowResponse): Outcome {
  const failed = steps.find((step) => (step.error ?? '') !== '')?.report?.step;
  return { live: false, output: output ?? null, actions, steps: new Map(steps.map((step) => [step.report?.step ?? '', step])), failed };
}

/** A run tells of its steps how much they did, not what. */
export function ofRun({ steps = [], output, actions = [] }: RunDataflowResponse): Outcome {
  return { live: true, output: output ?? null, actions, steps: new Map(steps.map((report) => [report.step ?? '', { report }])), failed: undefined };
}

type Say = (key: string, values: Record<string, string | number>) => string;

/** What a step did, in a few words. */
export function wordsOf({ report, error, skipped = [] }: TestedStep, t: Say): string {
  if (error) return error;
  const { rowsIn = '0', rowsOut = '0', rowsFailed = '0', duration = '0s' } = report ?? {};
  const took = Math.round(parseFloat(duration) * 1000);
  const rows = t(rowsFailed === '0' ? 'run.rows' : 'run.rowsFailed', { in: rowsIn, out: rowsOut, failed: rowsFailed, took });
  return skipped.length === 0 ? rows : `${rows}, ${t('run.tried', {})}`;
}

/** What the steps did, for the drawing. */
export function tracesOf(outcome: Outcome | undefined, t: Say): ReadonlyMap<string, Trace> {
  return new Map(
    [...(outcome?.steps ?? [])].map(([id, step]) => {
      const failed = Boolean(step.error) || Number(step.report?.rowsFailed ?? 0) > 0;
      return [id, { state: failed ? 'failed' : 'done', words: wordsOf(step, t) } as const];
    }),
  );
}

/** The first item that a step gave in the last test; undefined when it is not known. */
export function firstItem(outcome: Outcome | undefined, step: string | undefined): Value | undefined {
  return step === undefined ? undefined : outcome?.steps.get(step)?.items?.[0];
}
