import { configureStore } from '@reduxjs/toolkit';
import { render, type RenderResult } from '@testing-library/react';
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { vi } from 'vitest';
import { api, type Component, type Field, type Problem } from '@/api';
import { rootReducer } from '@/api/root';
import type { AnyControl, PropSpec } from '@/controls/contract';
import { registry } from '@/controls/registry';
import { type Command, draftActions, run } from '@/draft';
import type { PageDocument } from '@/renderer/document';
import { EntryForm } from '@/renderer/form';
import type { Host } from '@/renderer/host';
import { asJson } from './document/commands';
import { readPage } from './document/read';
import { EditorContext, PageEditor } from './editor';
import texts from './locales/en.json';

const Icon = () => <i />;

/** A control for tests; its View tells each time that it is drawn. */
export function fakeControl(type: string, more: { schema?: Record<string, PropSpec>; slots?: readonly string[]; bind?: AnyControl['bind']; drawn?: (id: string) => void } = {}): AnyControl {
  const { schema = {}, slots, bind, drawn } = more;
  return {
    type,
    title: `controls:${type}`,
    icon: Icon,
    group: slots === undefined ? 'input' : 'layout',
    schema,
    defaults: {},
    ...(slots !== undefined && { slots }),
    ...(bind !== undefined && { bind }),
    View: ({ id, slots: children }) => {
      drawn?.(id);
      return <div>{Object.values(children)}</div>;
    },
  };
}

/** The controls that pages of `document/testing` are made of. */
export const fakes: readonly AnyControl[] = [
  fakeControl('page', { slots: ['children'] }),
  fakeControl('panel', { slots: ['children'] }),
  fakeControl('label', { schema: { text: { kind: 'text', label: 'controls:text', group: 'content', default: '', bindable: true } } }),
  fakeControl('text-field', {
    schema: { label: { kind: 'text', label: 'controls:label', group: 'content', default: '', bindable: true } },
    bind: { kinds: ['string'] },
  }),
  fakeControl('button', { schema: { action: { kind: 'action', label: 'controls:action', group: 'behaviour' } } }),
];

/** An editor whose commands are carried out at once, as the draft does it. */
export function editorOf(document: PageDocument, controls: readonly AnyControl[] = fakes): { editor: PageEditor; commands: Command[] } {
  let component: Component = { id: 'c', pages: [{ id: 'p', document: asJson(document) }] };
  const commands: Command[] = [];
  const editor = new PageEditor({ component: 'c', page: 'p' }, document, registry(controls), (command) => {
    commands.push(command);
    component = run(component, command);
    editor.follow(readPage(component.pages?.[0]?.document));
  });
  return { editor, commands };
}

/** A host without data. */
export function emptyHost(fields: readonly Field[] = []): Host {
  const evaluator = { evaluate: () => ({ ok: false as const, problem: 'none here' }), subscribe: () => () => undefined };
  return { evaluator, form: new EntryForm(fields), mode: 'edit', dispatch: () => Promise.resolve() };
}

/** Draws a part of the editor with its texts in English. */
export async function show(editor: PageEditor, children: ReactNode, problems: readonly Problem[] = []): Promise<RenderResult> {
  const store = configureStore({ reducer: rootReducer, middleware: (defaults) => defaults().concat(api.middleware) });
  store.dispatch(draftActions.opened({ component: 'c', base: { id: 'c' } }));
  store.dispatch(draftActions.checked({ component: 'c', problems, stepTypes: [], revision: '1' }));
  vi.stubGlobal('ResizeObserver', class {
    observe() {}
    disconnect() {}
  });
  const instance = i18next.createInstance();
  await instance.use(initReactI18next).init({ lng: 'en', resources: { en: { pages: texts, controls: {}, renderer: {} } }, interpolation: { escapeValue: false } });
  return render(
    <Provider store={store}>
      <I18nextProvider i18n={instance}>
        <EditorContext.Provider value={editor}>{children}</EditorContext.Provider>
      </I18nextProvider>
    </Provider>,
  );
}
