import { configureStore } from '@reduxjs/toolkit';
import { act, render, type RenderResult } from '@testing-library/react';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { api, type Field } from '@/api';
import { EntryForm } from '@/renderer/form';
import { DocumentStore, type PageNode } from '@/renderer/document';
import type { Host } from '@/renderer/host';
import { type Place, PlaceContext } from '@/renderer/place';
import { Renderer } from '@/renderer/Renderer';
import type { JsonObject } from '@/values/json';
import type { AnyControl } from '../contract';
import { controlMessages } from '../messages';
import { registry } from '../registry';

interface Stage {
  controls: readonly AnyControl[];
  /** Nodes of a page; the first is the root. Without any, one of the first control that is bound to the first field. */
  nodes?: Record<string, Partial<PageNode> & { type: string }>;
  props?: JsonObject;
  fields?: readonly Field[];
  entry?: JsonObject;
  language?: 'en' | 'de';
  mode?: 'run' | 'edit';
  /** Takes the actions of controls; they end at once without it. */
  dispatch?: Host['dispatch'];
  place?: Place;
}

export interface Shown extends RenderResult {
  form: EntryForm;
  /** What the server would get. */
  sent: () => JsonObject;
  /** What the server found wrong with a field. */
  fail: (field: string, description: string) => void;
}

/** Draws controls as a page does: the real renderer, form, texts and store. Only the server is left out. */
export async function show({ controls, nodes, props = {}, fields = [], entry, language = 'en', mode = 'run', dispatch = () => Promise.resolve(), place = { component: '', entry: undefined } }: Stage): Promise<Shown> {
  const form = new EntryForm(fields, entry);
  const [first] = controls;
  const bound = fields[0]?.name;
  const all = nodes ?? { node: { type: first?.type ?? '', props: { ...(bound !== undefined && { field: bound }), ...props } } };
  const store = new DocumentStore({
    root: Object.keys(all)[0] ?? '',
    nodes: Object.fromEntries(Object.entries(all).map(([id, node]) => [id, { name: id, props: {}, slots: {}, ...node }])),
  });
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { controls: (await controlMessages(language)) as Record<string, never>, renderer: {} } },
    interpolation: { escapeValue: false },
  });
  const data = configureStore({
    reducer: { [api.reducerPath]: api.reducer },
    middleware: (defaults) => defaults().concat(api.middleware),
  });
  const evaluator = { evaluate: () => ({ ok: false as const, problem: 'no expressions here' }), subscribe: () => () => undefined };
  const host = { evaluator, form, mode, dispatch };
  const result = render(
    <Provider store={data}>
      <I18nextProvider i18n={texts}>
        <PlaceContext.Provider value={place}>
          <Renderer store={store} host={host} controls={registry(controls)} />
        </PlaceContext.Provider>
      </I18nextProvider>
    </Provider>,
  );
  return {
    ...result,
    form,
    sent: form.values,
    fail: (field, description) => act(() => void form.fail([{ field, description }])),
  };
}

/** Answers the requests of the browser; a request that no answer is for fails the test. */
export type Answer = (url: URL, init: RequestInit) => unknown;

export function answering(answer: Answer): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return (input, init = {}) => {
    const url = new URL(String(input), 'https://aqtra.test');
    const body = answer(url, init);
    if (body === undefined) return Promise.reject(new Error(`nobody answers ${url.href}`));
    return Promise.resolve(body instanceof Response ? body : Response.json(body));
  };
}
