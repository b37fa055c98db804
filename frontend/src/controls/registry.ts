import type { AnyControl, Controls } from './contract';

/** Makes a registry of controls. Two of one type are an error. */
export function registry(controls: Iterable<AnyControl>): Controls {
  const known = new Map<string, AnyControl>();
  for (const control of controls) {
    if (known.has(control.type)) throw new Error(`two controls have the type ${control.type}`);
    known.set(control.type, control);
  }
  return known;
}

/** Every control that has a folder here. The renderer gets it passed in, so that a preview or a test may offer fewer. */
export const allControls: Controls = registry(
  Object.values(import.meta.glob<AnyControl>('./*/index.{ts,tsx}', { eager: true, import: 'control' })),
);
