import { fireEvent, render } from '@testing-library/react';
import { useRef } from 'react';
import { describe, expect, it } from 'vitest';
import { nested } from './document/testing';
import type { PageEditor } from './editor';
import { editorOf } from './testing';
import { useKeys } from './useKeys';

function Held({ editor }: { editor: PageEditor }) {
  const root = useRef<HTMLDivElement>(null);
  useKeys(editor, root);
  return (
    <>
      <div ref={root}>
        <div data-canvas="" data-testid="canvas" tabIndex={0} />
        <input data-testid="text" />
      </div>
      <button data-testid="outside" />
    </>
  );
}

/** The clipboard of an event. jsdom has none. */
function clipboard(text = '') {
  const data = new Map([['text/plain', text]]);
  return { data, clipboardData: { getData: (type: string) => data.get(type) ?? '', setData: (type: string, value: string) => void data.set(type, value) } };
}

const order = (editor: PageEditor) => editor.document.nodes.page?.slots.children;

describe('keys', () => {
  const setUp = () => {
    const { editor } = editorOf(nested);
    const { getByTestId } = render(<Held editor={editor} />);
    editor.select('title');
    return { editor, canvas: getByTestId('canvas'), text: getByTestId('text'), outside: getByTestId('outside') };
  };

  it('delete and duplicate what is chosen', () => {
    const { editor, canvas } = setUp();
    fireEvent.keyDown(canvas, { key: 'd', ctrlKey: true });
    expect(order(editor)).toHaveLength(4);
    fireEvent.keyDown(canvas, { key: 'Delete' });
    expect(order(editor)).toEqual(['title', 'panel', 'end']);
  });

  it('go through the page on the canvas', () => {
    const { editor, canvas } = setUp();
    fireEvent.keyDown(canvas, { key: 'ArrowDown' });
    expect(editor.selection.get()).toBe('panel');
    fireEvent.keyDown(canvas, { key: 'ArrowUp', altKey: true });
    expect(order(editor)).toEqual(['panel', 'title', 'end']);
    fireEvent.keyDown(canvas, { key: 'Escape' });
    expect(editor.selection.get()).toBe('page');
  });

  it('mean the text in a text, and nothing of ours elsewhere', () => {
    const { editor, text, outside } = setUp();
    for (const target of [text, outside]) {
      fireEvent.keyDown(target, { key: 'Delete' });
      fireEvent.cut(target, clipboard());
      fireEvent.paste(target, clipboard(editor.copy('panel')));
    }
    expect(editor.document).toBe(nested);
  });

  it('cut and paste', () => {
    const { editor, canvas } = setUp();
    const cut = clipboard();
    fireEvent.cut(canvas, cut);
    expect(order(editor)).toEqual(['panel', 'end']);
    editor.select('end');
    fireEvent.paste(canvas, clipboard(cut.data.get('text/plain')));
    expect(order(editor)).toHaveLength(3);
    expect(editor.document.nodes[editor.selection.get() ?? '']).toMatchObject({ type: 'label', name: 'title' });
  });
});
