import type { PageEditor } from '../editor';
import type { Layout, Rect } from './drop';

/** The elements of the nodes on a canvas, by id; of one that is drawn twice the first. */
export function elementsIn(paper: HTMLElement): ReadonlyMap<string, HTMLElement> {
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

/** Reads the layout of the canvas, each rectangle once: nothing moves as long as it is used. */
export function readLayout(paper: HTMLElement, editor: PageEditor): Layout {
  const elements = elementsIn(paper);
  const rects = new Map<string, Rect | undefined>();
  const { root } = editor.document;
  return {
    rectOf: (id) => {
      if (!rects.has(id)) {
        const element = elements.get(id);
        // The whole paper is the root, so that there is room to drop below its last control.
        const own = element && rectOn(paper, element);
        rects.set(id, own && id === root ? { left: 0, top: 0, right: paper.clientWidth, bottom: paper.clientHeight } : own);
      }
      return rects.get(id);
    },
    slotOf: (id) => {
      const slots = editor.slotsOf(id);
      const element = elements.get(id);
      return element === undefined || slots.length < 2 ? slots[0] : (shownPanel(element, slots) ?? slots[0]);
    },
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
