import { describe, expect, it } from 'vitest';
import { nested } from './document/testing';
import { editorOf } from './testing';

const children = (editor: ReturnType<typeof editorOf>['editor'], id: string) => editor.document.nodes[id]?.slots.children;
const controlOf = (editor: ReturnType<typeof editorOf>['editor'], type: string) => {
  const control = editor.controls.get(type);
  if (control === undefined) throw new Error(type);
  return control;
};

describe('what is added', () => {
  it('goes into the chosen container, with a text to see it by', () => {
    const { editor, commands } = editorOf(nested);
    editor.select('panel');
    editor.addNew({ control: controlOf(editor, 'label'), title: 'Label' });
    const id = children(editor, 'panel')?.[2] ?? '';
    expect(editor.document.nodes[id]).toEqual({ type: 'label', name: 'label', props: { text: 'Label' }, slots: {} });
    expect(editor.selection.get()).toBe(id);
    expect(commands[0]).toMatchObject({ label: 'pages:do.add', values: { name: 'Label' } });
  });

  it('goes behind a chosen control that takes none', () => {
    const { editor } = editorOf(nested);
    editor.select('a');
    editor.addNew({ control: controlOf(editor, 'panel'), title: 'Panel' });
    expect(children(editor, 'panel')).toHaveLength(3);
    expect(children(editor, 'panel')?.[1]).toBe(editor.selection.get());
    expect(editor.document.nodes[editor.selection.get() ?? '']).toMatchObject({ name: 'panel_2', slots: { children: [] } });
  });

  it('is bound to a field that it is for', () => {
    const { editor } = editorOf(nested);
    editor.addNew({ control: controlOf(editor, 'text-field'), title: 'Number', field: { name: 'InvoiceNumber' } });
    const id = children(editor, 'page')?.at(-1) ?? '';
    expect(editor.document.nodes[id]).toMatchObject({ name: 'invoicenumber', props: { field: 'InvoiceNumber' } });
  });
});

describe('the choice', () => {
  it('goes to the neighbour of what is removed', () => {
    const { editor } = editorOf(nested);
    editor.remove('a');
    expect(editor.selection.get()).toBe('b');
    editor.remove('b');
    expect(editor.selection.get()).toBe('panel');
    editor.remove('page');
    expect(editor.document.nodes.page).toBeDefined();
  });

  it('goes up when undo takes away what was chosen', () => {
    const { editor } = editorOf(nested);
    editor.duplicate('a');
    const copy = editor.selection.get() ?? '';
    expect(children(editor, 'panel')).toEqual(['a', copy, 'b']);
    editor.follow(nested);
    expect(editor.selection.get()).toBe('panel');
  });

  it('unfolds what it stands in', () => {
    const { editor } = editorOf(nested);
    editor.fold('panel', true);
    editor.select('a');
    expect(editor.collapsed.get().has('panel')).toBe(false);
  });
});

describe('the clipboard', () => {
  it('pastes what was copied behind the chosen control', () => {
    const { editor } = editorOf(nested);
    const text = editor.copy('a') ?? '';
    editor.select('title');
    expect(editor.paste(text)).toBe(true);
    expect(children(editor, 'page')?.[1]).toBe(editor.selection.get());
    expect(editor.document.nodes[editor.selection.get() ?? '']).toMatchObject({ type: 'text-field', name: 'a_2', props: { field: 'A' } });
  });

  it('neither copies the root nor pastes one, nor a text of others', () => {
    const { editor } = editorOf(nested);
    expect(editor.copy('page')).toBeUndefined();
    expect(editor.paste('{"kind":"aqtra.page.nodes","root":"x","nodes":{"x":{"type":"modal"}}}')).toBe(false);
    expect(editor.paste('hello')).toBe(false);
    expect(editor.document).toBe(nested);
  });
});

describe('moving by keys', () => {
  it('changes places with a neighbour and stops at the ends', () => {
    const { editor } = editorOf(nested);
    editor.shift('title', 1);
    expect(children(editor, 'page')).toEqual(['panel', 'title', 'end']);
    editor.shift('title', -1);
    editor.shift('title', -1);
    expect(children(editor, 'page')).toEqual(['title', 'panel', 'end']);
    editor.shift('end', 1);
    expect(children(editor, 'page')).toEqual(['title', 'panel', 'end']);
  });
});

describe('settings', () => {
  it('are set and taken away as one step of undo each', () => {
    const { editor, commands } = editorOf(nested);
    editor.setProp('b', 'label', 'Name');
    expect(editor.document.nodes.b?.props).toEqual({ label: 'Name' });
    editor.setProp('b', 'label', undefined);
    expect(editor.document.nodes.b?.props).toEqual({});
    expect(commands.map((command) => command.mergeKey)).toEqual(['pages/p/b/label', 'pages/p/b/label']);
  });
});
