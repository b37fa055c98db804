import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** What the palette lets go of: the type of a step or task. */
const key = 'flowType';

/** Lets an element of the palette be dragged. */
export function useDrag<E extends HTMLElement>(type: string): RefObject<E> {
  const ref = useRef<E>(null);
  useEffect(() => {
    if (ref.current === null) return;
    return draggable({ element: ref.current, getInitialData: () => ({ [key]: type }) });
  }, [type]);
  return ref;
}

/** Lets an element take what is dragged from the palette; says whether something is over it. */
export function useDrop<E extends HTMLElement>(onDrop: ((type: string) => void) | undefined): [RefObject<E>, boolean] {
  const ref = useRef<E>(null);
  const latest = useRef(onDrop);
  const [over, setOver] = useState(false);
  const able = onDrop !== undefined;
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    if (ref.current === null || !able) return;
    return dropTargetForElements({
      element: ref.current,
      canDrop: ({ source }) => typeof source.data[key] === 'string',
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source, location, self }) => {
        setOver(false);
        const type = source.data[key];
        const innermost = location.current.dropTargets[0]?.element === self.element;
        if (typeof type === 'string' && innermost) latest.current?.(type);
      },
    });
  }, [able]);
  return [ref, over];
}
