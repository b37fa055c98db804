import dagre from '@dagrejs/dagre';

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A box of the drawing. */
export type Box = Size & { id: string };

/** A line of the drawing, with the size of what stands on it. */
export type Line = Size & { id: string; source: string; target: string };

/** Placed says where everything stands: boxes by their upper left corner, lines by the points they go through. */
export interface Placed extends Size {
  boxes: ReadonlyMap<string, Point>;
  lines: ReadonlyMap<string, { points: readonly Point[]; label: Point }>;
}

/** Places boxes along the direction so that lines are short, cross little and run around boxes. */
export function place(boxes: readonly Box[], lines: readonly Line[], direction: 'LR' | 'TB'): Placed {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 40, edgesep: 24, ranksep: direction === 'LR' ? 22 : 28 });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { id, source, target, width, height } of lines) graph.setEdge(source, target, { width, height, labelpos: 'c' }, id);
  dagre.layout(graph);
  const all = graph.graph();
  return {
    width: all.width ?? 0,
    height: all.height ?? 0,
    boxes: new Map(
      boxes.map(({ id, width, height }) => {
        const { x = 0, y = 0 } = graph.node(id);
        return [id, { x: x - width / 2, y: y - height / 2 }];
      }),
    ),
    lines: new Map(
      lines.map(({ id, source, target }) => {
        const { points = [], x = 0, y = 0 } = graph.edge(source, target, id);
        return [id, { points, label: { x, y } }];
      }),
    ),
  };
}

const radius = 8;

/**
 * Draws a line through points with right angles and round corners: along the direction, across half-way, and along again. It leaves and
 * enters along the direction.
 */
export function route(points: readonly Point[], direction: 'LR' | 'TB'): string {
  const corners: Point[] = [];
  points.forEach((to, i) => {
    const from = points[i - 1];
    if (from === undefined) {
      corners.push(to);
      return;
    }
    if (direction === 'LR') {
      const x = (from.x + to.x) / 2;
      corners.push({ x, y: from.y }, { x, y: to.y }, to);
    } else {
      const y = (from.y + to.y) / 2;
      corners.push({ x: from.x, y }, { x: to.x, y }, to);
    }
  });
  return corners.map((corner, i) => bend(corners[i - 1], corner, corners[i + 1])).join(' ');
}

function bend(before: Point | undefined, at: Point, after: Point | undefined): string {
  if (before === undefined) return `M ${at.x} ${at.y}`;
  if (after === undefined) return `L ${at.x} ${at.y}`;
  const start = towards(at, before);
  const end = towards(at, after);
  return `L ${start.x} ${start.y} Q ${at.x} ${at.y} ${end.x} ${end.y}`;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
