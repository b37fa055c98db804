import { Env, evaluate, type Compiled, type Evaluated } from '@/expr/env';
import { problemText } from '@/expr/problem';
import { LoadedEntry, type Input, type Resolver } from '@/expr/runtime';
import type { Value, ValueMap } from '@/values/value';
import { equal } from '@/values/wire';
import type { EntryForm } from './form';
import type { Evaluation, Evaluator } from './host';
import { type ModelOf, pageModel } from './model';
import type { RowEvaluator } from './place';

/** Entries finds the entries that references lead to. */
export interface Entries {
  /** The values at hand: null when there is no such entry, undefined while it is not known. */
  find: Resolver;
  /** Fetches one; settles when find knows it. */
  load: (component: string, id: string) => Promise<void>;
  /** Hears of every entry that was fetched. */
  subscribe: (listener: () => void) => () => void;
  /** Grows with every entry that was fetched. */
  version: () => number;
}

/** PageValues are what the expressions of a page see. */
export interface PageValues {
  component: string;
  objects: readonly ModelOf[];
  form: EntryForm;
  /** System fields of the page's entry; undefined for a new one. */
  system: ValueMap | undefined;
  user: ValueMap;
  params: ValueMap;
  entries: Entries;
}

/** What a control shows in a row of its own. */
export interface Row {
  component: string;
  record: ValueMap;
}

/** Most references that one expression follows one after the other. */
const maxLoads = 20;

/** PageEvaluator answers the expressions of one open page, and again when a field changes or an entry has arrived. */
export class PageEvaluator implements Evaluator, RowEvaluator {
  private readonly envs = new Map<string, Env>();
  private readonly last = new Map<string, { version: number; evaluation: Evaluation }>();

  constructor(private readonly values: PageValues) {}

  readonly evaluate = (text: string): Evaluation => {
    const version = this.values.form.version() + this.values.entries.version();
    const known = this.last.get(text);
    if (known?.version === version) return known.evaluation;
    const fresh = this.answer(text, undefined);
    const evaluation = known !== undefined && same(known.evaluation, fresh) ? known.evaluation : fresh;
    this.last.set(text, { version, evaluation });
    return evaluation;
  };

  readonly subscribe = (text: string, listener: () => void): (() => void) => {
    const { form, entries } = this.values;
    const ends = [entries.subscribe(listener)];
    const fields = this.fieldsOf(this.compile(text, undefined));
    if (fields === undefined) ends.push(form.watch(listener));
    else for (const name of fields) ends.push(form.subscribe(name, listener));
    return () => ends.forEach((end) => end());
  };

  readonly about = (text: string, row: Row): Evaluation => this.answer(text, row);

  readonly watch = (listener: () => void): (() => void) => {
    const ends = [this.values.entries.subscribe(listener), this.values.form.watch(listener)];
    return () => ends.forEach((end) => end());
  };

  /** Evaluates now, about a row if a control shows several; the entries that it leads to are fetched. */
  async resolve(text: string, row?: Row): Promise<Evaluation> {
    const compiled = this.compile(text, row);
    if (!compiled.ok) return refused(compiled);
    for (let loads = 0; ; loads++) {
      const result = evaluate(compiled.program, this.variables(row), this.values.entries.find);
      if (result.ok) return result;
      if (result.missing === undefined || loads === maxLoads) return { ok: false, problem: result.problem };
      await this.values.entries.load(result.missing.component, result.missing.id);
    }
  }

  private answer(text: string, row: Row | undefined): Evaluation {
    const compiled = this.compile(text, row);
    if (!compiled.ok) return refused(compiled);
    return this.settle(evaluate(compiled.program, this.variables(row), this.values.entries.find));
  }

  /** What is on its way, and an entry that the user may not see, is null. */
  private settle(result: Evaluated): Evaluation {
    if (result.ok) return result;
    if (result.missing === undefined) return result.reason === 'ENTRY_NOT_FOUND' ? { ok: true, value: null } : { ok: false, problem: result.problem };
    const { component, id } = result.missing;
    // It is asked for while a view is drawn, when nothing may change.
    queueMicrotask(() => void this.values.entries.load(component, id));
    return { ok: true, value: null };
  }

  private compile(text: string, row: Row | undefined): Compiled {
    const { component, objects } = this.values;
    const item = row?.component ?? component;
    let env = this.envs.get(item);
    if (env === undefined) this.envs.set(item, (env = new Env(pageModel(component, item, objects))));
    return env.compile(text);
  }

  private variables(row: Row | undefined): Record<string, Input> {
    const { component, form, system, user, params } = this.values;
    const entry = this.thing(component, { ...system, ...form.record() });
    const item = row === undefined ? entry : this.thing(row.component, row.record);
    return { entry, item, user, params };
  }

  private thing(component: string, record: ValueMap): Input {
    const known = this.values.objects.some((one) => one.id === component && one.fields.length > 0);
    return known ? new LoadedEntry(typeof record.id === 'string' ? record.id : '', record) : record;
  }

  /** Names of the form's fields that an expression uses; undefined when it may use any. */
  private fieldsOf(compiled: Compiled): ReadonlySet<string> | undefined {
    const names = new Set<string>();
    if (!compiled.ok) return names;
    const whole = new Set<string>();
    for (const { path } of compiled.program.references) {
      const [root = '', name] = path.split('.');
      if (root !== 'entry' && root !== 'item') continue;
      if (name === undefined) whole.add(root);
      else names.add(name);
    }
    return names.size === 0 && whole.size > 0 ? undefined : names;
  }
}

function refused(compiled: Extract<Compiled, { ok: false }>): Evaluation {
  return { ok: false, problem: compiled.problems.map(problemText).join('; ') };
}

function same(a: Evaluation, b: Evaluation): boolean {
  return a.ok ? b.ok && equal(a.value, b.value) : !b.ok && a.problem === b.problem;
}

/** The user as expressions see one. */
export function userValue(user: { id?: string | undefined; email?: string | undefined; displayName?: string | undefined; roles?: readonly string[] | undefined }): ValueMap {
  const roles: readonly Value[] = user.roles ?? [];
  return { id: user.id ?? '', email: user.email ?? '', name: user.displayName ?? '', roles };
}
