import { describe, expect, it } from 'vitest';
import { type Box, type Line, place, route } from './place';

const box = (id: string): Box => ({ id, width: 100, height: 50 });
const line = (source: string, target: string): Line => ({ id: `${source}>${target}`, source, target, width: 20, height: 20 });

describe('place', () => {
  const placed = place(['a', 'b', 'c', 'd'].map(box), [line('a', 'b'), line('b', 'c'), line('a', 'c'), line('c', 'd')], 'LR');
  const at = (id: string) => placed.boxes.get(id) ?? { x: NaN, y: NaN };

  it('puts what reads right of what is read', () => {
    expect(at('b').x).toBeGreaterThan(at('a').x + 100);
    expect(at('c').x).toBeGreaterThan(at('b').x + 100);
    expect(placed.width).toBeGreaterThanOrEqual(at('d').x + 100);
  });

  it('leads a line that skips a box around it', () => {
    const crossing = placed.lines.get('a>c')?.points.filter((p) => p.x > at('b').x && p.x < at('b').x + 100) ?? [];
    expect(crossing.length).toBeGreaterThan(0);
    for (const { y } of crossing) expect(y <= at('b').y || y >= at('b').y + 50).toBe(true);
  });

  it('places what lies in a circle', () => {
    const circle = place(['a', 'b'].map(box), [line('a', 'b'), line('b', 'a')], 'TB');
    expect(circle.lines.get('b>a')?.points.length).toBeGreaterThan(1);
  });
});

describe('route', () => {
  it('turns at right angles with round corners', () => {
    expect(route([{ x: 0, y: 0 }, { x: 100, y: 40 }], 'LR')).toBe('M 0 0 L 42 0 Q 50 0 50 8 L 50 32 Q 50 40 58 40 L 100 40');
    expect(route([{ x: 0, y: 0 }, { x: 0, y: 40 }], 'TB')).not.toContain('NaN');
  });
});
