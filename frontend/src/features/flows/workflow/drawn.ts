import { type Box, place, type Point, route } from '../drawing/place';
import { type Block, blocksOf, type Document, type Task, tasksAt } from './document';
import { type Way, waysOf } from './jumps';
import type { Spot } from './tree';

/** Sizes on the drawing, in px. */
export const card = { width: 208, height: 54 };
const start = { width: 84, height: 26 };
const pad = 14;
const gap = 14;

/** A box of the drawing: a task, the frame around the lists of one, or where a list begins and ends. */
export interface DrawnBox extends Box, Point {
  role: 'task' | 'frame' | 'start' | 'end';
  task?: Task;
  /** For "start": what the list is. */
  block?: Block['role'] | 'workflow';
}

/** A line of the drawing, with the place that its "+" puts a task to. */
export interface DrawnWay extends Point {
  id: string;
  source: string;
  target: string;
  points: readonly Point[];
  label: string;
  ends: boolean;
  spot: Spot;
}

export interface Drawn {
  width: number;
  height: number;
  boxes: readonly DrawnBox[];
  ways: readonly DrawnWay[];
}

/** Computes where the tasks of a workflow stand: lists from top to bottom, what goes on at once beside each other, lists of a task in a frame. */
export function draw(document: Document): Drawn {
  return drawList(document, { role: 'do', path: 'do' }, 'workflow');
}

/** A line as SVG has it. */
export function routeOf(way: DrawnWay): string {
  return route(way.points, 'TB');
}

function drawList(document: Document, block: Block, role: Block['role'] | 'workflow'): Drawn {
  const { path } = block;
  const tasks = tasksAt(document, path);
  const first = `${path}#start`;
  const last = `${path}#end`;
  const end = role === 'workflow' ? { width: 60, height: 26 } : { width: 10, height: 10 };
  const drawn = tasks.map((task) => drawTask(document, task));
  const idAt = (index: number) => tasks[index]?.path ?? last;
  const lines = [
    { id: `${first}>`, source: first, target: idAt(0), label: '', ends: false, spot: { list: path, index: 0 } as Spot, back: false },
    ...waysOf(tasks).map((way: Way) => ({
      id: `${idAt(way.from)}>${way.choice}`,
      source: idAt(way.from),
      target: idAt(way.to),
      label: way.label,
      ends: way.ends,
      spot: { list: path, way } as Spot,
      back: way.to <= way.from,
    })),
  ];
  const boxes = [{ id: first, ...start }, ...drawn.map(({ width, height }, i) => ({ id: idAt(i), width, height })), { id: last, ...end }];
  const placed = place(boxes, lines.map((line) => ({ ...line, width: 30 + line.label.length * 7, height: 24 })), 'TB');
  const at = (id: string) => placed.boxes.get(id) ?? { x: 0, y: 0 };
  const size = new Map(boxes.map((box) => [box.id, box]));
  const own: DrawnBox[] = [
    { id: first, ...start, ...at(first), role: 'start', block: role },
    { id: last, ...end, ...at(last), role: 'end', block: role },
  ];
  return {
    width: placed.width,
    height: placed.height,
    boxes: [...own, ...drawn.flatMap((one, i) => one.boxes.map((box) => moved(box, at(idAt(i)))))],
    ways: [
      ...lines.map(({ back, ...line }) => {
        const found = placed.lines.get(line.id);
        const inner = found?.points ?? [];
        const bottom = middle(at(line.source), size.get(line.source), 1);
        const top = middle(at(line.target), size.get(line.target), 0);
        return { ...line, points: back ? inner : [bottom, ...inner.slice(1, -1), top], ...(found?.label ?? top) };
      }),
      ...drawn.flatMap((one, i) => one.ways.map((way) => movedWay(way, at(idAt(i))))),
    ],
  };
}

function middle(at: Point, size: Box | undefined, edge: 0 | 1): Point {
  return { x: at.x + (size?.width ?? 0) / 2, y: at.y + edge * (size?.height ?? 0) };
}

/** A task alone is a card; one with lists is a frame with the card at its head and the lists beside each other. */
function drawTask(document: Document, task: Task): Drawn {
  const blocks = blocksOf(task).flatMap((block) =>
    block.role === 'branches' ? tasksAt(document, block.path).map((branch) => drawTask(document, branch)) : [drawList(document, block, block.role)],
  );
  if (blocks.length === 0) return { ...card, boxes: [{ id: task.path, ...card, x: 0, y: 0, role: 'task', task }], ways: [] };
  const inner = blocks.reduce((sum, block) => sum + block.width, 0) + gap * (blocks.length - 1);
  const width = Math.max(card.width, inner) + 2 * pad;
  const height = pad + card.height + gap + Math.max(...blocks.map((block) => block.height)) + pad;
  let x = (width - inner) / 2;
  const placed = blocks.map((block) => {
    const by = { x, y: pad + card.height + gap };
    x += block.width + gap;
    return { boxes: block.boxes.map((box) => moved(box, by)), ways: block.ways.map((way) => movedWay(way, by)) };
  });
  const frame: DrawnBox = { id: `${task.path}#frame`, width, height, x: 0, y: 0, role: 'frame', task };
  const head: DrawnBox = { id: task.path, width: width - 2 * pad, height: card.height, x: pad, y: pad, role: 'task', task };
  return { width, height, boxes: [frame, head, ...placed.flatMap((one) => one.boxes)], ways: placed.flatMap((one) => one.ways) };
}

function moved<B extends Point>(box: B, by: Point): B {
  return { ...box, x: box.x + by.x, y: box.y + by.y };
}

function movedWay(way: DrawnWay, by: Point): DrawnWay {
  return { ...moved(way, by), points: way.points.map((point) => moved(point, by)) };
}
