import type { DataLoss, Publication, PublicationPlan, Replay, RuleTest } from '@/api';

/** Phase is where a publication stands, a key of "state" in the texts. */
export type Phase = 'pending' | 'expanding' | 'contracting' | 'succeeded' | 'failed';

/** Where a publication stands; one of an unknown state is taken as not begun. */
export function phaseOf(publication: Publication): Phase {
  const name = publication.state?.replace('PUBLICATION_STATE_', '').toLowerCase();
  return (['expanding', 'contracting', 'succeeded', 'failed'] as const).find((phase) => phase === name) ?? 'pending';
}

/** Whether nothing happens to it any more. */
export function ended(publication: Publication): boolean {
  const phase = phaseOf(publication);
  return phase === 'succeeded' || phase === 'failed';
}

/** The losses that have not been confirmed by typing their names. */
export function unconfirmed(losses: readonly DataLoss[], typed: Readonly<Record<string, string>>): readonly DataLoss[] {
  return losses.filter((loss) => typed[loss.name ?? '']?.trim() !== loss.name);
}

/** Whether a plan would make something live that is not. */
export function changesSomething(plan: PublicationPlan): boolean {
  return (plan.components ?? []).some((one) => one.fromRevision !== one.toRevision);
}

/** The operations that row rules are tried with, keys of "impact" in the texts. */
export const operations = ['read', 'update', 'delete'] as const;

/** What a role reaches of a component's entries, by operation. */
export interface RuleRow {
  component: string;
  role: string;
  byOperation: Partial<Record<(typeof operations)[number], RuleTest>>;
}

/** One row for each component and role, in the order of the plan. */
export function ruleRows(tests: readonly RuleTest[]): readonly RuleRow[] {
  const rows = new Map<string, RuleRow>();
  for (const test of tests) {
    const { component = '', role = '' } = test;
    const row = rows.get(`${component} ${role}`) ?? { component, role, byOperation: {} };
    rows.set(`${component} ${role}`, row);
    const operation = operations.find((one) => test.operation === `OPERATION_${one.toUpperCase()}`);
    if (operation !== undefined) row.byOperation[operation] = test;
  }
  return [...rows.values()];
}

/** The replays that have something to say: of a flow that never ran there is nothing. */
export function replayed(replays: readonly Replay[]): readonly Replay[] {
  return replays.filter(({ runs = 0, note = '' }) => runs > 0 || note !== '');
}

/** What differs, each way once, with the newest run that does and how many do; most often first. */
export function differences(replay: Replay): readonly { text: string; run: string; count: number }[] {
  const found = new Map<string, { text: string; run: string; count: number }>();
  for (const { text = '', run = '' } of replay.examples ?? []) {
    const known = found.get(text);
    if (known === undefined) found.set(text, { text, run, count: 1 });
    else known.count += 1;
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
