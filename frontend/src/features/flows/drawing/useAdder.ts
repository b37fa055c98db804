import { useCallback, useEffect, useRef } from 'react';
import type { WayData } from './WayEdge';

interface Adding<Place> {
  mayWrite: boolean;
  onAsk: (at: Place, anchor: HTMLElement) => void;
  onAdd: (at: Place, type: string) => void;
}

/** Gives what a "+" at a place does, where anything may be added. It is the same function for as long as that does not change. */
export function useAdder<Place>(drawing: Adding<Place>): (words: string, at: Place) => WayData['add'] {
  const latest = useRef(drawing);
  useEffect(() => {
    latest.current = drawing;
  });
  const { mayWrite } = drawing;
  return useCallback(
    (words, at) => (mayWrite ? { words, onAdd: (anchor) => latest.current.onAsk(at, anchor), onDrop: (type) => latest.current.onAdd(at, type) } : undefined),
    [mayWrite],
  );
}
