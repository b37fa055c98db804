import { type Arrow, arrowsOf, stepsOf } from './graph';
import type { Dataflow } from '@/api';
import { place, type Point, route } from '../drawing/place';

/** Size of a step on the drawing, in px. */
export const card = { width: 180, height: 54 };

/** Drawn is a dataflow as it stands on the drawing. */
export interface Drawn {
  steps: ReadonlyMap<string, Point>;
  arrows: readonly (Arrow & { id: string; route: string; x: number; y: number })[];
}

/** Computes where steps and arrows stand. */
export function draw(flow: Dataflow): Drawn {
  const arrows = arrowsOf(flow).map((arrow) => ({ ...arrow, id: `${arrow.source}>${arrow.target}` }));
  const boxes = stepsOf(flow).map(({ id }) => ({ id, ...card }));
  const placed = place(boxes, arrows.map((arrow) => ({ ...arrow, width: 20, height: 20 })), 'LR');
  return {
    steps: placed.boxes,
    arrows: arrows.map((arrow) => {
      const from = placed.boxes.get(arrow.source) ?? { x: 0, y: 0 };
      const to = placed.boxes.get(arrow.target) ?? { x: 0, y: 0 };
      const line = placed.lines.get(arrow.id);
      const start = { x: from.x + card.width, y: from.y + card.height / 2 };
      const end = { x: to.x, y: to.y + card.height / 2 };
      const points = [start, ...(line?.points.slice(1, -1) ?? []), end];
      const at = line?.label ?? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
      return { ...arrow, route: route(points, 'LR'), x: at.x, y: at.y };
    }),
  };
}
