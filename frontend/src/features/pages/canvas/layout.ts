import type { PageEditor } from '../editor';
import type { Layout, Rect } from './drop';

/** The element of a node on the canvas; of one that is drawn twice the first. */
export function elementOf(paper: HTMLElement, id: string): HTMLElement | undefined {
  const quoted = id.replace(/[^\w-]/gu, (letter) => `\\${letter.codePointAt(0)?.toString(16)} `);
  return paper.querySelector<HTMLElement>(`[data-node="${quoted}"]`) ?? undefined;
}

function elementsIn(paper: HTMLElement): ReadonlyMap<string, HTMLElement> {
  const elements = new Map<string, HTMLElement>();
  for (const element of paper.querySelectorAll<HTMLElement>('[data-node]')) {
    const id = element.dataset.node ?? '';
    if (!elements.has(id)) elements.set(id, element);
  }
  return elements;
}

/** Where an element is on the paper; undefined while it is not shown. */
export function rectOn(paper: HTMLElement, element: HTMLElement): Rect | undefined {
  const rect = element.getBoundingClientRect();
  if (rect.width === 0 && rect.height === 0) return undefined;
  const origin = paper.getBoundingClientRect();
  const x = origin.left + paper.clientLeft;
  const y = origin.top + paper.clientTop;
  return { left: rect.left - x, top: rect.top - y, right: rect.right - x, bottom: rect.bottom - y };
}

/**
 * Gives a reader of the canvas' layout. What it reads holds for as long as nothing moves, so it is read anew for each move of the mouse;
 * each rectangle is measured when it is asked for. The elements are remembered: looking for a thousand takes longer than a frame has time.
 */
export function layoutReader(paper: HTMLElement, editor: PageEditor): () => Layout {
  let elements: ReadonlyMap<string, HTMLElement> = new Map();
  return () => {
    const rects = new Map<string, Rect | undefined>();
    const { root } = editor.document;
    let looked = false;
    const element = (id: string): HTMLElement | undefined => {
      const known = elements.get(id);
      if (looked || known?.isConnected === true) return known;
      looked = true;
      elements = elementsIn(paper);
      return elements.get(id);
    };
    return {
      rectOf: (id) => {
        if (!rects.has(id)) {
          const found = element(id);
          // The whole paper is the root, so that there is room to drop below its last control.
          const own = found && rectOn(paper, found);
          rects.set(id, own && id === root ? { left: 0, top: 0, right: paper.clientWidth, bottom: paper.clientHeight } : own);
        }
        return rects.get(id);
      },
      slotOf: (id) => {
        const slots = editor.slotsOf(id);
        const found = slots.length < 2 ? undefined : element(id);
        return found === undefined ? slots[0] : (shownPanel(found, slots) ?? slots[0]);
      },
    };
  };
}

/** Of several slots one is seen at a time: that of the tab panel which is not hidden. Its id ends as "…-<slot>-panel". */
function shownPanel(element: HTMLElement, slots: readonly string[]): string | undefined {
  const panels = [...element.querySelectorAll<HTMLElement>('[role=tabpanel]:not([hidden])')];
  const own = panels.find((panel) => panel.closest('[data-node]') === element);
  return slots.find((slot) => own?.id.endsWith(`-${slot}-panel`));
}

/** The tab at a point of the screen, within a node. The canvas is inert, so it is looked for by its place. */
export function tabAt(element: HTMLElement, x: number, y: number): HTMLElement | undefined {
  return [...element.querySelectorAll<HTMLElement>('[role=tab]')].find((tab) => {
    const rect = tab.getBoundingClientRect();
    return tab.closest('[data-node]') === element && x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
  });
}
