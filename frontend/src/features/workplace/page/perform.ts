import { api, type ApiError, isApiError } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import type { Action, Controls } from '@/controls/contract';
import type { Problem } from '@/controls/input/check';
import type { Row } from '@/renderer/evaluator';
import type { Json, JsonObject } from '@/values/json';
import type { ValueMap } from '@/values/value';
import { encode } from '@/values/wire';
import { actionsOf, refusedRows } from './answer';
import { componentOf } from './bound';
import { type Command, commandsOf } from './commands';
import type { PageSession } from './session';
import { ExpressionError, settle } from './settings';
import type { Target } from './target';

/** Frame is what a page stands in: the window, or something over it. */
export interface Frame {
  /** Goes to another page. */
  go: (target: Target) => void;
  /** Opens a component at its first page. */
  goHome: (component: string) => void;
  /** Opens a page over this one. */
  over: (target: Target, kind: 'modal' | 'sidebar') => void;
  openFile: (file: string) => void;
  /** Goes back to where this page was opened. */
  back: () => void;
  /** The page has done its work. Whether it is left; otherwise it begins anew. */
  done: () => boolean;
  /** Reads the entry again and begins anew. */
  renew: () => void;
}

/** Words are the texts that performing an action needs, in the user's language. */
export interface Words {
  problem: (problem: Problem) => string;
  /** Tells the user; what stands on a field is marked there. */
  tell: (severity: 'success' | 'warning' | 'error', text: string) => void;
  done: string;
  started: string;
  checkFields: string;
  refused: (count: number) => string;
  /** A script asked for what no page can do. */
  unknownCommand: (what: string) => string;
  error: (error: ApiError) => string;
}

export interface Stage {
  component: string;
  entry: string | undefined;
  session: PageSession;
  controls: Controls;
  dispatch: Dispatch;
  frame: Frame;
  words: Words;
  /** Brings the first field with an error into sight. */
  showErrors: () => void;
}

/** How often dataflows may ask for further actions in a row. */
const maxDepth = 8;

/** Carries out what a control asks for, and tells the user how it went. It never rejects. */
export async function perform(stage: Stage, action: Action, node: string, record?: ValueMap): Promise<void> {
  const row = record && { component: componentOf(stage.session.document, node, stage.component), record };
  try {
    await carryOut(stage, action, row, 0);
  } catch (error) {
    if (isApiError(error)) showFailure(stage, error);
    else if (error instanceof ExpressionError) stage.words.tell('error', error.message);
    else throw error;
  }
}

function showFailure({ session, words, showErrors }: Stage, error: ApiError): void {
  const rest = session.form.fail(error.violations);
  const marked = error.violations.length - rest.length;
  if (marked > 0) showErrors();
  words.tell('error', marked > 0 && rest.length === 0 ? words.checkFields : words.error(error));
}

async function carryOut(stage: Stage, action: Action, row: Row | undefined, depth: number): Promise<void> {
  const { frame } = stage;
  switch (action.type) {
    case 'run-dataflow':
      return runDataflow(stage, action, row, depth);
    case 'start-workflow':
      return startWorkflow(stage, action, row);
    case 'run-script':
      return runScript(stage, action, row, depth);
    case 'open-page':
      return frame.go(await targetOf(stage, action, row));
    case 'add-record':
    case 'edit-record':
      return frame.go({ ...(await targetOf(stage, action, row)), returns: true });
    case 'open-modal':
      return frame.over(await targetOf(stage, action, row), 'modal');
    case 'open-sidebar':
      return frame.over(await targetOf(stage, action, row), 'sidebar');
    case 'open-component':
      return frame.goHome(action.component);
    case 'open-file':
      return frame.openFile(action.file);
    case 'delete-record':
      return deleteRecord(stage, action, row);
    case 'navigate-back':
    case 'close':
      return frame.back();
  }
}

type Opens = Extract<Action, { page: string }>;

/** The page to open, about the row it was asked for, or about the page's own entry where the action means that. */
async function targetOf({ component, entry, session }: Stage, action: Opens, row: Row | undefined): Promise<Target> {
  const target = action.component || component;
  const { entry: named, ...params } = await settle(action.params ?? {}, session.evaluator, row);
  const shown = row === undefined ? { component, id: entry } : { component: row.component, id: idOf(row) };
  const carries = row === undefined ? action.type !== 'open-page' : true;
  const own = carries && action.type !== 'add-record' && shown.component === target ? shown.id : undefined;
  return { component: target, page: action.page, entry: typeof named === 'string' && named !== '' ? named : own, params, returns: false };
}

function idOf({ record }: Row): string | undefined {
  return typeof record.id === 'string' && record.id !== '' ? record.id : undefined;
}

/** What is sent: the action's own input, the row, or what the form holds. Undefined when the form is not right. */
async function inputOf(stage: Stage, input: JsonObject | undefined, row: Row | undefined): Promise<JsonObject | undefined> {
  const { session, controls, words, showErrors } = stage;
  if (row === undefined && !session.validate(controls, words.problem)) {
    words.tell('error', words.checkFields);
    showErrors();
    return undefined;
  }
  if (input !== undefined) return settle(input, session.evaluator, row);
  if (row === undefined) return session.form.values();
  return Object.fromEntries(Object.entries(row.record).map(([name, value]): [string, Json] => [name, encode(value)]));
}

function entryFor({ component, entry }: Stage, target: string, row: Row | undefined): { entry?: string } {
  const id = row === undefined ? (component === target ? entry : undefined) : row.component === target ? idOf(row) : undefined;
  return id === undefined ? {} : { entry: id };
}

async function runDataflow(stage: Stage, action: Extract<Action, { type: 'run-dataflow' }>, row: Row | undefined, depth: number): Promise<void> {
  const { session, words } = stage;
  const component = action.component || stage.component;
  const input = await inputOf(stage, action.input, row);
  if (input === undefined) return;
  const body = { input, ...entryFor(stage, component, row) };
  const result = await once(stage, `${component} ${action.dataflow} ${JSON.stringify(body)}`, (requestId) =>
    stage.dispatch(api.endpoints.runDataflow.initiate({ component, dataflow: action.dataflow, body: { ...body, requestId } })).unwrap(),
  );
  const refused = refusedRows(result);
  if (refused > 0) words.tell('warning', words.refused(refused));
  else words.tell('success', words.done);
  if (row === undefined) session.form.commit();
  const next = actionsOf(result);
  for (const one of depth < maxDepth ? next : []) await carryOut(stage, one, undefined, depth + 1);
  if (row === undefined && next.length === 0 && !stage.frame.done()) stage.frame.renew();
}

async function startWorkflow(stage: Stage, action: Extract<Action, { type: 'start-workflow' }>, row: Row | undefined): Promise<void> {
  const component = action.component || stage.component;
  const input = await inputOf(stage, action.input, row);
  if (input === undefined) return;
  const body = { input, ...entryFor(stage, component, row) };
  await once(stage, `${component} ${action.workflow} ${JSON.stringify(body)}`, (requestId) =>
    stage.dispatch(api.endpoints.startRun.initiate({ component, workflow: action.workflow, body: { ...body, requestId } })).unwrap(),
  );
  stage.words.tell('success', stage.words.started);
}

async function runScript(stage: Stage, action: Extract<Action, { type: 'run-script' }>, row: Row | undefined, depth: number): Promise<void> {
  const component = action.component || stage.component;
  const input = await inputOf(stage, action.input, row);
  if (input === undefined) return;
  const { output } = await stage.dispatch(api.endpoints.runScript.initiate({ component, script: action.script, body: { input } })).unwrap();
  const commands = commandsOf(output);
  if (commands.length === 0) stage.words.tell('success', stage.words.done);
  for (const one of depth < maxDepth ? commands : []) await obey(stage, one, depth + 1);
}

/** Does what a script asks for. */
async function obey(stage: Stage, command: Command, depth: number): Promise<void> {
  const { session, words, frame } = stage;
  switch (command.type) {
    case 'set':
      for (const name of session.put(command.fields)) words.tell('error', words.unknownCommand(`set ${name}`));
      return;
    case 'error':
      if (session.form.field(command.field) === undefined) return words.tell('error', command.text);
      session.form.blame(command.field, [command.text]);
      return stage.showErrors();
    case 'message':
      return words.tell(command.severity, command.text);
    case 'refresh':
      stage.dispatch(api.util.invalidateTags(['Entries', 'Tasks', 'Runs']));
      if (stage.entry !== undefined && !session.form.isDirty()) frame.renew();
      return;
    case 'unknown':
      return words.tell('error', words.unknownCommand(command.what));
    case 'do':
      return carryOut(stage, command.action, undefined, depth);
  }
}

async function deleteRecord(stage: Stage, action: Extract<Action, { type: 'delete-record' }>, row: Row | undefined): Promise<void> {
  const component = action.component || row?.component || stage.component;
  const { entry } = entryFor(stage, component, row);
  if (entry === undefined) return;
  await once(stage, `delete ${component} ${entry}`, (requestId) =>
    stage.dispatch(api.endpoints.deleteEntry.initiate({ component, entry, requestId })).unwrap(),
  );
  stage.words.tell('success', stage.words.done);
  if (row !== undefined) return;
  stage.session.form.commit();
  stage.frame.back();
}

/** Sends a request that is to happen once, however often the user tries. */
async function once<T>({ session }: Stage, content: string, send: (requestId: string) => Promise<T>): Promise<T> {
  const requestId = session.attempts.id(content);
  try {
    const result = await send(requestId);
    session.attempts.answered(content);
    return result;
  } catch (error) {
    if (isApiError(error) && error.status > 0 && error.status < 500) session.attempts.answered(content);
    throw error;
  }
}
