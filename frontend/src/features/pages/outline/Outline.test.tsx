import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nested } from '../document/testing';
import { editorOf, show } from '../testing';
import { Outline } from './Outline';

afterEach(() => vi.unstubAllGlobals());

describe('the outline', () => {
  it('is gone through and changed by the keyboard', async () => {
    const { editor } = editorOf(nested);
    await show(editor, <Outline />);
    const tree = screen.getByRole('tree');
    const press = (key: string, more = {}) => fireEvent.keyDown(tree, { key, ...more });
    act(() => editor.select('panel'));
    press('ArrowRight');
    expect(editor.selection.get()).toBe('a');
    expect(screen.getByRole('treeitem', { selected: true }).dataset.row).toBe('a');
    press('ArrowDown', { altKey: true });
    expect(editor.document.nodes.panel?.slots.children).toEqual(['b', 'a']);
    press('ArrowLeft');
    press('ArrowLeft');
    expect(screen.getAllByRole('treeitem')).toHaveLength(4);
    expect(document.querySelector('[data-row=panel]')?.getAttribute('aria-expanded')).toBe('false');
  });

  it('has one place for the tabulator', async () => {
    const { editor } = editorOf(nested);
    await show(editor, <Outline />);
    const stops = () => screen.getAllByRole('treeitem').filter((item) => item.tabIndex === 0).map((item) => item.dataset.row);
    expect(stops()).toEqual(['page']);
    fireEvent.click(screen.getByText('A'));
    expect(editor.selection.get()).toBe('a');
    expect(stops()).toEqual(['a']);
  });

  it('marks what the check found wrong', async () => {
    const { editor } = editorOf(nested);
    await show(editor, <Outline />, [
      { path: 'pages/p/nodes/a/props/field', message: 'there is no field' },
      { path: 'pages/other/nodes/b/props/field', message: 'not here' },
    ]);
    expect(screen.getByRole('treeitem', { name: /, a, with an error$/ })).toBeDefined();
    expect(document.querySelectorAll('.wrong')).toHaveLength(1);
  });

  it('shows hostile text as text', async () => {
    const { editor } = editorOf(nested);
    await show(editor, <Outline />);
    act(() => editor.setProp('b', 'label', '<img src=x onerror=alert(1)>'));
    expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeDefined();
    expect(document.querySelector('img')).toBeNull();
  });
});
