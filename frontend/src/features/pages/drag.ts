import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview';
import { pointerOutsideOfPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/pointer-outside-of-preview';
import type { New } from './editor';

/** Dragged is what a drag of ours carries. */
export type Dragged = { kind: 'new'; made: New } | { kind: 'node'; id: string };

const key = Symbol('dragged');

export function dragData(dragged: Dragged): Record<string | symbol, unknown> {
  return { [key]: dragged };
}

/** What is being dragged, if it is ours. */
export function draggedOf(data: Record<string | symbol, unknown>): Dragged | undefined {
  return data[key] as Dragged | undefined;
}

/** Shows a word beside the pointer in place of a picture of what is dragged. */
export function previewAs(text: string, setDragImage: DataTransfer['setDragImage'] | null): void {
  setCustomNativeDragPreview({
    nativeSetDragImage: setDragImage,
    getOffset: pointerOutsideOfPreview({ x: '12px', y: '8px' }),
    render: ({ container }) => {
      const word = document.createElement('div');
      word.className = 'aq-drag-preview';
      word.textContent = text;
      container.append(word);
    },
  });
}
