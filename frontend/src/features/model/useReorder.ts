import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { attachClosestEdge, type Edge, extractClosestEdge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge';
import { getReorderDestinationIndex } from '@atlaskit/pragmatic-drag-and-drop-hitbox/util/get-reorder-destination-index';
import { type RefObject, useEffect, useRef, useState } from 'react';

interface Reorder<Row extends HTMLElement, Handle extends HTMLElement> {
  row: RefObject<Row>;
  handle: RefObject<Handle>;
  dragging: boolean;
  /** Where the dragged row would go. */
  edge: Edge | null;
}

const kind = 'model-field';

/** Lets a row be dragged by its handle among the rows of the same list. */
export function useReorder<Row extends HTMLElement, Handle extends HTMLElement>(
  id: string,
  index: number,
  enabled: boolean,
  onMove: (id: string, to: number) => void,
): Reorder<Row, Handle> {
  const row = useRef<Row>(null);
  const handle = useRef<Handle>(null);
  const [dragging, setDragging] = useState(false);
  const [edge, setEdge] = useState<Edge | null>(null);
  useEffect(() => {
    const [element, dragHandle] = [row.current, handle.current];
    if (!enabled || element === null || dragHandle === null) return;
    return combine(
      draggable({
        element,
        dragHandle,
        getInitialData: () => ({ kind, id, index }),
        onDragStart: () => setDragging(true),
        onDrop: () => setDragging(false),
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data.kind === kind && source.data.id !== id,
        getData: ({ input }) => attachClosestEdge({ id }, { element, input, allowedEdges: ['top', 'bottom'] }),
        onDrag: ({ self }) => setEdge(extractClosestEdge(self.data)),
        onDragLeave: () => setEdge(null),
        onDrop: ({ self, source }) => {
          setEdge(null);
          const to = getReorderDestinationIndex({
            startIndex: Number(source.data.index),
            indexOfTarget: index,
            closestEdgeOfTarget: extractClosestEdge(self.data),
            axis: 'vertical',
          });
          onMove(String(source.data.id), to);
        },
      }),
    );
  }, [id, index, enabled, onMove]);
  return { row, handle, dragging, edge };
}
