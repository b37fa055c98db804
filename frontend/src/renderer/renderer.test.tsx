import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next, { type BackendModule, type i18n } from 'i18next';
import { Suspense } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, expect, it, vi } from 'vitest';
import type { Control, ControlProps } from '@/controls/contract';
import { control as label } from '@/controls/label';
import { control as page } from '@/controls/page';
import { registry } from '@/controls/registry';
import type { Json } from '@/values/json';
import { Day, type Value } from '@/values/value';
import { DocumentStore, type PageDocument, readDocument } from './document';
import { EntryForm } from './form';
import type { Evaluation, Evaluator, Host } from './host';
import texts from './locales/en.json';
import { Renderer } from './Renderer';

let translations: i18n;

beforeAll(async () => {
  translations = i18next.createInstance();
  await translations.use(initReactI18next).init({ lng: 'en', resources: { en: { renderer: texts } }, interpolation: { escapeValue: false } });
});

/** Answers from a table that a test may change. */
class Table implements Evaluator {
  private readonly listeners = new Set<() => void>();

  constructor(private readonly answers: Record<string, Evaluation>) {}

  evaluate(text: string): Evaluation {
    return this.answers[text] ?? { ok: false, problem: 'unknown name' };
  }

  subscribe(_text: string, listener: () => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  say(text: string, value: Value) {
    this.answers[text] = { ok: true, value };
    this.listeners.forEach((wake) => wake());
  }
}

const drawn = vi.fn<(id: string) => void>();

/** An input that tells when it is drawn. */
const probe: Control<{ label: string; action: unknown }> = {
  ...label,
  type: 'probe',
  schema: { label: { kind: 'text', label: 'controls:probe.label', group: 'content' }, action: { kind: 'action', label: 'controls:probe.action', group: 'behaviour' } },
  defaults: { label: '', action: null },
  View: ({ id, props, value, setValue, errors, disabled, required, dispatch }: ControlProps<{ label: string; action: unknown }>) => {
    drawn(id);
    return (
      <>
        <input
          aria-label={props.label}
          disabled={disabled}
          required={required}
          value={typeof value === 'string' ? value : ''}
          onChange={(e) => setValue(e.target.value)}
        />
        <button onClick={() => void dispatch({ type: 'navigate-back' })}>{JSON.stringify(props.action)}</button>
        {errors.map((error) => (
          <p key={error}>{error}</p>
        ))}
      </>
    );
  },
};

const thrower: Control<{ text: string }> = {
  ...label,
  type: 'thrower',
  schema: { text: { kind: 'text', label: 'controls:thrower.text', group: 'content' } },
  defaults: { text: '' },
  View: ({ props }) => {
    if (props.text !== 'calm') throw new Error('kaputt');
    return <p>calm again</p>;
  },
};

const controls = registry([page, label, probe, thrower]);

function node(type: string, props: Json = {}, children: string[] = []): Json {
  return { type, name: type, props, slots: children.length > 0 ? { children } : {} };
}

function show(nodes: Record<string, Json>, answers: Record<string, Evaluation> = {}, mode: Host['mode'] = 'run') {
  const store = new DocumentStore(readDocument({ root: 'root', nodes }));
  const evaluator = new Table(answers);
  const form = new EntryForm([{ name: 'Name', type: 'FIELD_TYPE_STRING', required: true }], { Name: 'Ada' });
  const dispatch = vi.fn(() => Promise.resolve());
  const host: Host = { evaluator, form, mode, dispatch };
  const view = render(
    <I18nextProvider i18n={translations}>
      <Renderer store={store} host={host} controls={controls} />
    </I18nextProvider>,
  );
  return { store, evaluator, form, dispatch, ...view };
}

it('draws a page with its children, and puts values in the place of expressions', () => {
  const { evaluator } = show(
    { root: node('page', { title: 'Cars' }, ['a']), a: node('label', { text: { $expr: 'entry.brand' } }) },
    { 'entry.brand': { ok: true, value: 'Citroën' } },
  );
  expect(screen.getByRole('heading', { name: 'Cars' })).toBeDefined();
  expect(screen.getByText('Citroën')).toBeDefined();
  // Only what holds nothing may be left undrawn off the screen.
  expect([...document.querySelectorAll<HTMLElement>('.aq-leaf')].map((leaf) => leaf.dataset.node)).toEqual(['a']);
  act(() => evaluator.say('entry.brand', 'Fiat'));
  expect(screen.getByText('Fiat')).toBeDefined();
});

it('leaves the page where it is until the words for an error are there', async () => {
  const waiting: (() => void)[] = [];
  const late = i18next.createInstance();
  const backend: BackendModule = { type: 'backend', init: () => undefined, read: (_language, _namespace, done) => void waiting.push(() => done(null, texts)) };
  await late.use(backend).use(initReactI18next).init({ lng: 'en', ns: [], interpolation: { escapeValue: false } });
  const store = new DocumentStore(readDocument({ root: 'root', nodes: { root: node('page', {}, ['unknown', 'good']), unknown: node('no-such-control'), good: node('label', { text: 'still here' }) } }));
  const host: Host = { evaluator: new Table({}), form: new EntryForm([]), mode: 'run', dispatch: () => Promise.resolve() };
  render(
    <I18nextProvider i18n={late}>
      <Suspense fallback="away">
        <Renderer store={store} host={host} controls={controls} />
      </Suspense>
    </I18nextProvider>,
  );
  expect(screen.getByText('still here')).toBeDefined();
  expect(screen.queryByText('away')).toBeNull();
  expect(screen.getByRole('alert').textContent).toBe('no-such-control');
  act(() => waiting.forEach((arrive) => arrive()));
  expect(await screen.findByText(/There is no control/)).toBeDefined();
});

it('shows hostile text as text', () => {
  show({ root: node('page', { title: '<img src=x onerror=alert(1)>' }) });
  expect(screen.getByRole('heading').textContent).toBe('<img src=x onerror=alert(1)>');
  expect(document.querySelector('img')).toBeNull();
});

it('keeps an error to the control that has it', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { store, evaluator } = show({
    root: node('page', {}, ['bad', 'unknown', 'expr', 'field', 'good']),
    bad: node('thrower', { text: 'boom' }),
    unknown: node('no-such-control'),
    expr: node('label', { text: { $expr: 'nope' } }),
    field: node('probe', { field: 'Gone' }),
    good: node('label', { text: 'still here' }),
  });
  expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
    expect.stringContaining('kaputt'),
    expect.stringContaining('no-such-control'),
    expect.stringContaining('nope: unknown name'),
    expect.stringContaining('Gone'),
  ]);
  expect(screen.getByText('still here')).toBeDefined();
  const before = readDocument({ root: 'root', nodes: { root: node('page', {}, ['bad', 'expr']), bad: node('thrower', { text: 'calm' }), expr: node('label', { text: { $expr: 'nope' } }) } });
  act(() => store.set(before));
  expect(screen.getByText('calm again')).toBeDefined();
  act(() => evaluator.say('nope', 'a value after all'));
  expect(screen.getByText('a value after all')).toBeDefined();
});

it('draws a control anew when what made it fail has changed', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { evaluator } = show({ root: node('page', {}, ['bad']), bad: node('thrower', { text: { $expr: 'mood' } }) }, { mood: { ok: true, value: 'wild' } });
  expect(screen.getByRole('alert').textContent).toContain('kaputt');
  act(() => evaluator.say('mood', 'worse'));
  expect(screen.getByRole('alert').textContent).toContain('kaputt');
  act(() => evaluator.say('mood', 'calm'));
  expect(screen.getByText('calm again')).toBeDefined();
});

it.each<[string, Value, string]>([
  ['a number', 1234n, '1,234'],
  ['a day', new Day('2026-11-23'), 'Nov 23, 2026'],
  ['nothing', null, ''],
  ['a list', ['a', 'b'], 'a, b'],
  ['an object', { name: 'Ada' }, 'name: Ada'],
])('writes %s where a text stands', (_, value, text) => {
  show({ root: node('page', {}, ['a']), a: node('probe', { label: { $expr: 'x' } }) }, { x: { ok: true, value } });
  expect(screen.getByRole('textbox').getAttribute('aria-label')).toBe(text);
});

it('binds a control to its field', async () => {
  const { form } = show({ root: node('page', {}, ['a']), a: node('probe', { label: 'Name', field: 'Name' }) });
  const input = screen.getByLabelText<HTMLInputElement>('Name');
  expect(input.value).toBe('Ada');
  expect(input.required).toBe(true);
  await userEvent.type(input, '!');
  expect(form.values()).toEqual({ Name: 'Ada!' });
  expect(form.changes()).toEqual({ Name: 'Ada!' });
  act(() => void form.fail([{ field: 'fields.Name', description: 'is taken' }]));
  expect(screen.getByText('is taken')).toBeDefined();
  await userEvent.type(input, '!');
  expect(screen.queryByText('is taken')).toBeNull();
});

it('obeys visible and disabled; on the canvas what is hidden is faint and nothing acts', async () => {
  const nodes = {
    root: node('page', {}, ['a', 'b']),
    a: node('label', { text: 'secret', visible: { $expr: 'no' } }),
    b: node('probe', { label: 'Name', field: 'Name', disabled: true, action: { type: 'close', params: { x: { $expr: 'later' } } } }),
  };
  const answers: Record<string, Evaluation> = { no: { ok: true, value: false } };
  const { dispatch, unmount } = show(nodes, answers);
  expect(screen.queryByText('secret')).toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>('Name').disabled).toBe(true);
  // Expressions of actions are left for whoever carries them out.
  await userEvent.click(screen.getByRole('button', { name: '{"type":"close","params":{"x":{"$expr":"later"}}}' }));
  expect(dispatch).toHaveBeenCalledWith({ type: 'navigate-back' }, 'b', undefined);
  unmount();
  const canvas = show(nodes, answers, 'edit');
  expect(screen.getByText('secret').closest('[data-hidden]')).not.toBeNull();
  await userEvent.click(screen.getByRole('button'));
  expect(canvas.dispatch).not.toHaveBeenCalled();
});

it('draws one control of a thousand when one is edited', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `n${i}`);
  const { store } = show({ root: node('page', {}, ids), ...Object.fromEntries(ids.map((id) => [id, node('probe', { label: id })])) });
  drawn.mockClear();
  const nodes: PageDocument['nodes'] = Object.fromEntries(['root', ...ids].map((id) => [id, store.node(id)]).filter((pair): pair is [string, PageDocument['nodes'][string]] => pair[1] !== undefined));
  act(() => store.set({ root: 'root', nodes: { ...nodes, n500: { type: 'probe', name: 'probe', props: { label: 'changed' }, slots: {} } } }));
  expect(screen.getByLabelText('changed')).toBeDefined();
  expect(drawn.mock.calls).toEqual([['n500']]);
});
