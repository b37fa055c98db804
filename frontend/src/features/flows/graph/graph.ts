import type { Dataflow, Spec, Step, Value } from '@/api';
import { nameFrom } from '@/draft';
import { setPair } from '../fields/pairs';

/** An arrow of the drawing: what the target reads. */
export interface Arrow {
  source: string;
  target: string;
}

/** The steps of a dataflow that can be drawn: those with an id. */
export function stepsOf(flow: Dataflow): readonly (Step & { id: string })[] {
  return (flow.steps ?? []).filter((step): step is Step & { id: string } => (step.id ?? '') !== '');
}

/** The arrows between steps that are there. */
export function arrowsOf(flow: Dataflow): readonly Arrow[] {
  const steps = stepsOf(flow);
  const ids = new Set(steps.map((step) => step.id));
  return steps.flatMap((step) => (step.sources ?? []).filter((source) => ids.has(source)).map((source) => ({ source, target: step.id })));
}

/** A step by its id. */
export function findStep(flow: Dataflow, id: string | undefined): (Step & { id: string }) | undefined {
  return stepsOf(flow).find((step) => step.id === id);
}

/** Makes a step of a kind, with an id that the dataflow does not have yet. Settings with a default are left out. */
export function newStep(flow: Dataflow, spec: Spec): Step & { id: string } {
  const taken = stepsOf(flow).map((step) => step.id);
  return { id: nameFrom(spec.title ?? spec.type ?? '', taken, 'step'), type: spec.type ?? '', title: '', sources: [], params: {} };
}

function mapSteps(flow: Dataflow, change: (step: Step) => Step): Dataflow {
  return { ...flow, steps: (flow.steps ?? []).map(change) };
}

function changeStep(flow: Dataflow, id: string, change: (step: Step) => Step): Dataflow {
  return mapSteps(flow, (step) => (step.id === id ? change(step) : step));
}

/**
 * Adds a step. With a source it reads that one; with a target as well it goes between the two. A step that starts a graph (`starts`)
 * reads nothing, wherever it is put.
 */
export function addStep(flow: Dataflow, step: Step & { id: string }, at: Partial<Arrow> = {}, starts = false): Dataflow {
  const sources = starts || at.source === undefined ? [] : [at.source];
  const added = { ...step, sources };
  const steps = flow.steps ?? [];
  const before = steps.findIndex((one) => one.id === at.target);
  const place = before >= 0 ? before : steps.length;
  const all = [...steps.slice(0, place), added, ...steps.slice(place)];
  const next = { ...flow, steps: all };
  if (at.target === undefined) return next;
  return changeStep(next, at.target, (target) => ({
    ...target,
    sources: at.source === undefined ? [...(target.sources ?? []), step.id] : unique((target.sources ?? []).map((one) => (one === at.source ? step.id : one))),
  }));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** Whether one step's output reaches another, over any number of arrows. A step reaches itself. */
export function reaches(flow: Dataflow, from: string, to: string): boolean {
  const steps = new Map(stepsOf(flow).map((step) => [step.id, step]));
  const seen = new Set<string>();
  const walk = (id: string): boolean => {
    if (id === from) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (steps.get(id)?.sources ?? []).some(walk);
  };
  return walk(to);
}

/** Whether an arrow may be drawn: no circle, not twice, and into a step that reads anything. */
export function canConnect(flow: Dataflow, { source, target }: Arrow, max: number): boolean {
  if (max === 0 || findStep(flow, source) === undefined) return false;
  const step = findStep(flow, target);
  return step !== undefined && !(step.sources ?? []).includes(source) && !reaches(flow, target, source);
}

/** Draws an arrow. A step that has all the sources it can have loses the last one for it. */
export function connect(flow: Dataflow, arrow: Arrow, max: number): Dataflow {
  if (!canConnect(flow, arrow, max)) return flow;
  return changeStep(flow, arrow.target, (step) => ({ ...step, sources: [...(step.sources ?? []).slice(0, max - 1), arrow.source] }));
}

/** Removes an arrow. */
export function disconnect(flow: Dataflow, { source, target }: Arrow): Dataflow {
  return changeStep(flow, target, (step) => ({ ...step, sources: (step.sources ?? []).filter((one) => one !== source) }));
}

/** Lets the two sources of a join change places: the first one is the left side. */
export function swapSources(flow: Dataflow, id: string): Dataflow {
  return changeStep(flow, id, (step) => ({ ...step, sources: (step.sources ?? []).toReversed() }));
}

/** Removes a step; whoever read it reads its sources instead. */
export function removeStep(flow: Dataflow, id: string): Dataflow {
  const gone = findStep(flow, id);
  if (gone === undefined) return flow;
  const steps = (flow.steps ?? []).filter((step) => step.id !== id);
  return {
    ...flow,
    steps: steps.map((step) =>
      step.sources?.includes(id) ? { ...step, sources: unique(step.sources.flatMap((one) => (one === id ? (gone.sources ?? []) : [one]))) } : step,
    ),
  };
}

/** Gives a step another id, and has those that read it know. Nothing happens when the id is taken or empty. */
export function renameStep(flow: Dataflow, from: string, to: string): Dataflow {
  if (to === '' || findStep(flow, to) !== undefined) return flow;
  return mapSteps(flow, (step) => ({
    ...step,
    id: step.id === from ? to : step.id,
    sources: step.sources?.map((source) => (source === from ? to : source)),
  }));
}

/** Sets what people call a step. */
export function titleStep(flow: Dataflow, id: string, title: string): Dataflow {
  return changeStep(flow, id, (step) => ({ ...step, title }));
}

/** Sets a setting of a step; undefined removes it. */
export function setParam(flow: Dataflow, id: string, name: string, value: Value | undefined): Dataflow {
  return changeStep(flow, id, (step) => ({ ...step, params: setPair(step.params ?? {}, name, value) }));
}
