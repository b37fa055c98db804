import { act } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { page } from '../document/testing';
import { editorOf, emptyHost, fakeControl, show } from '../testing';
import { Outline } from '../outline/Outline';
import { Canvas } from './Canvas';

afterEach(() => vi.unstubAllGlobals());

describe('a page of a thousand controls', { timeout: 30_000 }, () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `n${i}`);
  const sections = Array.from({ length: 10 }, (_, i) => ids.slice(i * 100, i * 100 + 100));
  const big = page({
    page: { type: 'page', slots: { children: sections.map((_, i) => `s${i}`) } },
    ...Object.fromEntries(sections.map((children, i) => [`s${i}`, { type: 'panel', slots: { children } }])),
    ...Object.fromEntries(ids.map((id) => [id, { type: 'label', props: { text: id } }])),
  });
  const setUp = async () => {
    const drawn: string[] = [];
    const tell = (id: string) => drawn.push(id);
    const text = { text: { kind: 'text', label: 'controls:text', group: 'content' } } as const;
    const controls = [
      fakeControl('page', { slots: ['children'], drawn: tell }),
      fakeControl('panel', { slots: ['children'], drawn: tell }),
      fakeControl('label', { schema: text, drawn: tell }),
    ];
    const { editor } = editorOf(big, controls);
    const host = emptyHost();
    const view = await show(
      editor,
      <>
        <Canvas host={host} device="desktop" ready version={big} />
        <Outline />
      </>,
    );
    expect(new Set(drawn).size).toBe(1011);
    drawn.length = 0;
    return { editor, drawn, view };
  };

  it('draws one again when one is edited', async () => {
    const { editor, drawn } = await setUp();
    act(() => editor.setProp('n500', 'text', 'changed'));
    expect(drawn).toEqual(['n500']);
    act(() => editor.setProp('n500', 'text', 'changed again'));
    expect(drawn).toEqual(['n500', 'n500']);
  });

  it('draws none again when one is chosen, hovered or dragged over', async () => {
    const { editor, drawn } = await setUp();
    act(() => {
      editor.select('n1');
      editor.hover.set('n2');
      editor.drop.set({ place: { parent: 's0', slot: 'children', index: 1 }, line: { x: 1, y: 2, length: 3, upright: false } });
    });
    expect(drawn).toEqual([]);
  });

  it('draws the two places again when one moves', async () => {
    const { editor, drawn } = await setUp();
    act(() => editor.move('n0', { parent: 's9', slot: 'children', index: 0 }));
    expect(new Set(drawn)).toEqual(new Set(['s0', 's9', 'n0']));
  });
});
