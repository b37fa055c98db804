import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import Box from '@mui/material/Box';
import { memo, type MouseEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Host } from '@/renderer/host';
import { Renderer } from '@/renderer/Renderer';
import { RowsSkeleton } from '@/ui/PageFrame';
import { dragData, draggedOf, previewAs } from '../drag';
import { rootTypes, useEditor } from '../editor';
import { nodeOf } from '../document/tree';
import { dropAt, type Layout, nodeAt, type Point } from './drop';
import { elementOf, layoutReader, tabAt } from './layout';
import { Overlay } from './Overlay';

/** Device is a width that the page is looked at in. */
export type Device = 'desktop' | 'tablet' | 'phone';

const widths: Readonly<Record<Device, string | number>> = { desktop: '100%', tablet: 768, phone: 390 };

interface CanvasProps {
  host: Host;
  device: Device;
  /** Whether the data that it shows are there. */
  ready: boolean;
  /** The document as it is now. */
  version: object;
}

/**
 * The page as it is made. Its controls are inert, so that a click chooses one instead of using it; the paper below them is the one thing
 * that is clicked, dragged and dropped on, and finds out by place which control is meant.
 */
export function Canvas({ host, device, ready, version }: CanvasProps) {
  const { t } = useTranslation('pages');
  const editor = useEditor();
  const paper = useRef<HTMLDivElement>(null);
  const readLayout = useLayout(paper);
  useDragging(paper, readLayout);
  const at = (event: MouseEvent) => {
    const layout = readLayout();
    return layout && paper.current ? nodeAt(editor.document, layout, pointOn(paper.current, event)) : undefined;
  };
  const choose = (event: MouseEvent) => {
    const id = at(event);
    editor.select(id);
    const element = id === undefined || paper.current === null ? undefined : elementOf(paper.current, id);
    if (element !== undefined) tabAt(element, event.clientX, event.clientY)?.click();
  };
  const hover = (event: PointerEvent) => editor.hover.set(event.pointerType === 'mouse' ? at(event) : undefined);
  return (
    <Box sx={{ flex: 1, minWidth: 0, overflow: 'auto', p: { xs: 1, sm: 3 }, bgcolor: 'background.default' }}>
      <Box
        ref={paper}
        role="group"
        aria-label={t('canvas')}
        data-canvas=""
        tabIndex={0}
        onClick={choose}
        onPointerMove={hover}
        onPointerLeave={() => editor.hover.set(undefined)}
        sx={{
          position: 'relative', mx: 'auto', maxWidth: device === 'desktop' ? 1240 : '100%', width: widths[device], minHeight: 'min(480px, 100%)', p: 3, pb: 7,
          bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: 1, boxSizing: 'border-box', cursor: 'default',
          outlineOffset: 2, '&:focus-visible': { outline: 2, outlineStyle: 'solid', outlineColor: 'primary.main' },
        }}
      >
        {ready ? <Page host={host} /> : <RowsSkeleton rows={6} />}
        <Overlay paper={paper} version={version} />
      </Box>
    </Box>
  );
}

/** The page itself. It is not drawn again when something around it changes. */
const Page = memo(function Page({ host }: { host: Host }) {
  const { documents, controls } = useEditor();
  const inert = useCallback((element: HTMLDivElement | null) => element?.setAttribute('inert', ''), []);
  return (
    <div ref={inert}>
      <Renderer store={documents} host={host} controls={controls} />
    </div>
  );
});

function pointOn(paper: HTMLElement, { clientX, clientY }: { clientX: number; clientY: number }): Point {
  const origin = paper.getBoundingClientRect();
  return { x: clientX - origin.left - paper.clientLeft, y: clientY - origin.top - paper.clientTop };
}

/** The reader of the layout of the paper that there is now. */
function useLayout(paper: RefObject<HTMLDivElement | null>): () => Layout | undefined {
  const editor = useEditor();
  const reader = useRef<() => Layout>(undefined);
  useEffect(() => {
    reader.current = paper.current === null ? undefined : layoutReader(paper.current, editor);
  }, [paper, editor]);
  return useCallback(() => reader.current?.(), []);
}

/** Makes the paper the one thing that controls are dragged from and dropped on. */
function useDragging(paper: RefObject<HTMLDivElement | null>, readLayout: () => Layout | undefined): void {
  const editor = useEditor();
  useEffect(() => {
    const element = paper.current;
    if (element === null) return;
    const at = (input: { clientX: number; clientY: number }) => {
      const layout = readLayout();
      return layout && nodeAt(editor.document, layout, pointOn(element, input));
    };
    return combine(
      draggable({
        element,
        canDrag: ({ input }) => {
          const id = at(input);
          return id !== undefined && id !== editor.document.root;
        },
        getInitialData: ({ input }) => dragData({ kind: 'node', id: at(input) ?? '' }),
        onGenerateDragPreview: ({ source, nativeSetDragImage }) => {
          const dragged = draggedOf(source.data);
          if (dragged?.kind === 'node') previewAs(nodeOf(editor.document, dragged.id)?.name ?? '', nativeSetDragImage);
        },
        onDragStart: ({ source }) => {
          const dragged = draggedOf(source.data);
          if (dragged?.kind === 'node') editor.select(dragged.id);
        },
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => {
          const dragged = draggedOf(source.data);
          return dragged !== undefined && !(dragged.kind === 'new' && rootTypes.includes(dragged.made.control.type));
        },
        onDragEnter: () => editor.hover.set(undefined),
        onDrag: ({ source, location }) => {
          const dragged = draggedOf(source.data);
          const layout = readLayout();
          const drop = layout && dropAt(editor.document, layout, pointOn(element, location.current.input), dragged?.kind === 'node' ? dragged.id : undefined);
          const before = editor.drop.get();
          if (JSON.stringify(before) !== JSON.stringify(drop)) editor.drop.set(drop);
        },
        onDragLeave: () => editor.drop.set(undefined),
        onDrop: ({ source }) => {
          const dragged = draggedOf(source.data);
          const drop = editor.drop.get();
          editor.drop.set(undefined);
          if (drop === undefined || dragged === undefined) return;
          if (dragged.kind === 'new') editor.addNew(dragged.made, drop.place);
          else editor.move(dragged.id, drop.place);
          element.focus({ preventScroll: true });
        },
      }),
    );
  }, [editor, paper, readLayout]);
}
