import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { nested } from '../document/testing';
import { editorOf, show } from '../testing';
import { Palette } from './Palette';

describe('the palette', () => {
  const fields = [{ name: 'InvoiceNumber', title: 'Number', type: 'FIELD_TYPE_STRING' as const }, { name: 'Due', type: 'FIELD_TYPE_DATE' as const }];

  it('offers the controls but for roots, and fields as far as a control fits them', async () => {
    await show(editorOf(nested).editor, <Palette fields={fields} />);
    const names = screen.getAllByRole('button').map((button) => button.title);
    expect(names).toContain('Number');
    expect(names).not.toContain('Due');
    expect(names.some((name) => name.endsWith('panel'))).toBe(true);
    expect(names.some((name) => name.endsWith('page'))).toBe(false);
  });

  it('finds by words, and says when it finds nothing', async () => {
    await show(editorOf(nested).editor, <Palette fields={fields} />);
    const search = screen.getByRole('searchbox');
    fireEvent.change(search, { target: { value: 'invoicen' } });
    expect(screen.getAllByRole('button').map((button) => button.title)).toEqual(['Number']);
    fireEvent.change(search, { target: { value: 'nothing like it' } });
    expect(screen.queryAllByRole('button')).toEqual([]);
    expect(screen.getByText('No control is called that.')).toBeDefined();
  });

  it('adds by a click, bound to the field', async () => {
    const { editor } = editorOf(nested);
    await show(editor, <Palette fields={fields} />);
    fireEvent.click(screen.getByTitle('Number'));
    expect(editor.document.nodes[editor.selection.get() ?? '']).toMatchObject({ type: 'text-field', props: { field: 'InvoiceNumber' } });
  });
});
