import type { PageDocument } from '@/renderer/document';
import { isWithin, nodeOf, type Place } from '../document/tree';

/** Rect is a rectangle on the canvas, in pixels. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Layout says where nodes are drawn. */
export interface Layout {
  /** Undefined when the node is not on the screen. */
  rectOf(id: string): Rect | undefined;
  /** The slot that a node shows its children of now; undefined when it takes none. */
  slotOf(id: string): string | undefined;
}

/** DropLine is the line that shows where something would go. */
export interface DropLine {
  x: number;
  y: number;
  length: number;
  upright: boolean;
}

/** Drop is where something dragged would go. */
export interface Drop {
  place: Place;
  line: DropLine | undefined;
}

/** Room that a control leaves at its own edge for what goes beside it. */
const edge = 8;

/** Room between a control and the line beside it. */
const offset = 6;

/** The innermost node at a point; undefined outside of the page. */
export function nodeAt(document: PageDocument, layout: Layout, point: Point): string | undefined {
  const visit = (id: string): string | undefined => {
    const rect = layout.rectOf(id);
    if (rect === undefined || !contains(rect, point)) return undefined;
    for (const children of Object.values(nodeOf(document, id)?.slots ?? {})) {
      for (const child of children) {
        const found = visit(child);
        if (found !== undefined) return found;
      }
    }
    return id;
  };
  return visit(document.root);
}

/** Where something would go when it is let fall at a point: into the innermost control there that takes it, beside its nearest child. */
export function dropAt(document: PageDocument, layout: Layout, point: Point, dragged?: string): Drop | undefined {
  let parent = document.root;
  let slot = layout.slotOf(parent);
  if (slot === undefined) return undefined;
  for (;;) {
    const inner: string | undefined = childrenIn(document, parent, slot).find((child) => {
      const rect = layout.rectOf(child);
      return rect !== undefined && contains(inset(rect), point);
    });
    if (inner === undefined || (dragged !== undefined && isWithin(document, inner, dragged))) break;
    const within = layout.slotOf(inner);
    if (within === undefined) break;
    parent = inner;
    slot = within;
  }
  const children = childrenIn(document, parent, slot).flatMap((id, index) => {
    const rect = layout.rectOf(id);
    return rect === undefined ? [] : [{ index, rect }];
  });
  const nearest = children.reduce<{ index: number; rect: Rect } | undefined>(
    (best, child) => (best === undefined || distance(child.rect, point) < distance(best.rect, point) ? child : best),
    undefined,
  );
  if (nearest === undefined) return { place: { parent, slot, index: 0 }, line: lineIn(layout.rectOf(parent)) };
  const upright = children.some((child) => child !== nearest && besideEachOther(child.rect, nearest.rect));
  const { rect, index } = nearest;
  const after = upright ? point.x > (rect.left + rect.right) / 2 : point.y > (rect.top + rect.bottom) / 2;
  return { place: { parent, slot, index: after ? index + 1 : index }, line: lineBeside(rect, upright, after) };
}

function childrenIn(document: PageDocument, id: string, slot: string): readonly string[] {
  const slots = nodeOf(document, id)?.slots ?? {};
  return Object.hasOwn(slots, slot) ? (slots[slot] ?? []) : [];
}

function lineBeside(rect: Rect, upright: boolean, after: boolean): DropLine {
  if (upright) return { x: after ? rect.right + offset : rect.left - offset, y: rect.top, length: rect.bottom - rect.top, upright };
  return { x: rect.left, y: after ? rect.bottom + offset : rect.top - offset, length: rect.right - rect.left, upright };
}

function lineIn(rect: Rect | undefined): DropLine | undefined {
  if (rect === undefined) return undefined;
  return { x: rect.left + edge, y: (rect.top + rect.bottom) / 2, length: Math.max(0, rect.right - rect.left - 2 * edge), upright: false };
}

function contains(rect: Rect, { x, y }: Point): boolean {
  return x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
}

function inset({ left, top, right, bottom }: Rect): Rect {
  const x = Math.min(edge, (right - left) / 4);
  const y = Math.min(edge, (bottom - top) / 4);
  return { left: left + x, top: top + y, right: right - x, bottom: bottom - y };
}

function distance(rect: Rect, { x, y }: Point): number {
  return Math.hypot(Math.max(rect.left - x, 0, x - rect.right), Math.max(rect.top - y, 0, y - rect.bottom));
}

/** Whether two stand in one row: they share more than half of the lower one's height. */
function besideEachOther(a: Rect, b: Rect): boolean {
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared > Math.min(a.bottom - a.top, b.bottom - b.top) / 2;
}
