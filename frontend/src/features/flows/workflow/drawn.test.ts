import { expect, it } from 'vitest';
import { draw, type DrawnBox } from './drawn';

const document = {
  do: [
    { decide: { switch: [{ small: { when: '${ true }', then: 'store' } }, { large: { then: 'ask' } }] } },
    { ask: { call: 'confirm' } },
    { each: { for: { in: '${ input }' }, do: [{ one: { set: 1 } }, { two: { try: [{ x: { set: 1 } }], catch: { do: [{ y: { set: 1 } }] } } }] } },
    { store: { set: 1, then: 'decide' } },
  ],
};

const boxes = draw(document).boxes;
const box = (id: string): DrawnBox => {
  const found = boxes.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};
const inside = (inner: DrawnBox, outer: DrawnBox) =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;

it('draws lists downwards and lists of a task within its frame', () => {
  expect(box('do/1/ask').y).toBeGreaterThan(box('do/0/decide').y);
  expect(inside(box('do/2/each/do/0/one'), box('do/2/each#frame'))).toBe(true);
  expect(inside(box('do/2/each/do/1/two#frame'), box('do/2/each#frame'))).toBe(true);
  expect(box('do/2/each/do/1/two/catch/do/0/y').x).toBeGreaterThan(box('do/2/each/do/1/two/try/0/x').x);
});

it('draws what goes on at once beside each other', () => {
  const fork = { do: [{ both: { fork: { branches: [{ one: { do: [{ first: { set: 1 } }, { then: { set: 1 } }] } }, { two: { set: 2 } }] } } }] };
  const drawn = draw(fork);
  const at = (id: string) => drawn.boxes.find((one) => one.id === id) ?? box(id);
  const [one, two] = [at('do/0/both/fork/branches/0/one#frame'), at('do/0/both/fork/branches/1/two')];
  expect(two.x).toBeGreaterThanOrEqual(one.x + one.width);
  expect(two.y).toBe(one.y);
  for (const branch of [one, two]) expect(inside(branch, at('do/0/both#frame'))).toBe(true);
  expect(drawn.ways.some((way) => way.source.endsWith('/one') || way.target.endsWith('/two'))).toBe(false);
});

it('lets no task lie on another', () => {
  const tasks = boxes.filter((one) => one.role === 'task');
  const overlap = (a: DrawnBox, b: DrawnBox) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  for (const [i, a] of tasks.entries()) for (const b of tasks.slice(i + 1)) expect(overlap(a, b), `${a.id} ${b.id}`).toBe(false);
});

it('gives every way a line with a place for a new task', () => {
  const { ways } = draw(document);
  expect(ways.filter((way) => way.source.startsWith('do/0/decide')).map((way) => way.label)).toEqual(['small', 'large']);
  expect(ways.find((way) => way.source === 'do/3/store')?.target).toBe('do/0/decide');
  expect(draw({}).ways.map((way) => way.spot)).toEqual([{ list: 'do', index: 0 }]);
  expect(new Set(ways.map((way) => way.id)).size).toBe(ways.length);
});
