import Box from '@mui/material/Box';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCell } from '../cell';
import { useEditor, useNode } from '../editor';
import type { Rect } from './drop';
import { elementOf, rectOn } from './layout';

interface OverlayProps {
  paper: RefObject<HTMLElement | null>;
  /** The document, so that frames are measured anew when it changes. */
  version: object;
}

/** Moves on a layer of its own, so that the page below is not painted again. */
const layer = { position: 'absolute', left: 0, top: 0, willChange: 'transform' } as const;

const moved = (x: number, y: number) => `translate(${x}px, ${y}px)`;

/** Everything that the canvas shows on top of the page: the frame of the chosen control, that of the one below the pointer, and where something would go. */
export function Overlay({ paper, version }: OverlayProps) {
  const editor = useEditor();
  const selected = useCell(editor.selection);
  const hovered = useCell(editor.hover);
  const drop = useCell(editor.drop);
  const into = drop?.place.parent;
  const rects = useRects(paper, [selected, hovered, into], version);
  return (
    <Box aria-hidden sx={{ position: 'absolute', inset: 0, pointerEvents: 'none', color: 'primary.main' }}>
      {into !== undefined && into !== editor.document.root && <Frame rect={rects.get(into)} kind="into" />}
      {drop === undefined && hovered !== undefined && hovered !== selected && <Frame rect={rects.get(hovered)} kind="hover" />}
      {selected !== undefined && <Frame rect={rects.get(selected)} kind="selected" of={selected} />}
      {drop?.line !== undefined && (
        <Box
          data-testid="drop-line"
          sx={{ ...layer, bgcolor: 'currentColor', borderRadius: 1 }}
          style={{
            transform: moved(drop.line.x - (drop.line.upright ? 1.5 : 0), drop.line.y - (drop.line.upright ? 0 : 1.5)),
            width: drop.line.upright ? 3 : drop.line.length,
            height: drop.line.upright ? drop.line.length : 3,
          }}
        />
      )}
    </Box>
  );
}

interface FrameProps {
  rect: Rect | undefined;
  kind: 'selected' | 'hover' | 'into';
  of?: string;
}

function Frame({ rect, kind, of }: FrameProps) {
  if (rect === undefined) return null;
  return (
    <Box
      data-frame={kind}
      sx={{
        ...layer,
        borderRadius: 0.75,
        ...(kind === 'selected' && { outline: 2, outlineStyle: 'solid', outlineColor: 'currentColor' }),
        ...(kind === 'hover' && { outline: 1, outlineStyle: 'dashed', outlineColor: 'currentColor', opacity: 0.7 }),
        ...(kind === 'into' && { bgcolor: 'currentColor', opacity: 0.08 }),
      }}
      style={{ transform: moved(rect.left - 2, rect.top - 2), width: rect.right - rect.left + 4, height: rect.bottom - rect.top + 4 }}
    >
      {of !== undefined && <FrameName id={of} below={rect.top < 20} />}
    </Box>
  );
}

function FrameName({ id, below }: { id: string; below: boolean }) {
  const { controls } = useEditor();
  const { t } = useTranslation('controls');
  const node = useNode(id);
  const title = controls.get(node?.type ?? '')?.title;
  return (
    <Box
      sx={{
        // On the right, where the labels of inputs are not.
        position: 'absolute', right: -2, ...(below ? { top: 0 } : { bottom: '100%' }), maxWidth: 240, px: 0.75, py: 0.125, bgcolor: 'primary.main',
        color: 'primary.contrastText', fontSize: '0.6875rem', lineHeight: 1.5, whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis',
        borderRadius: below ? '0 0 4px 0' : '4px 4px 0 0',
      }}
    >
      {title === undefined ? node?.type : t(title)}
    </Box>
  );
}

/** Where nodes are drawn, measured again when the page or its size changes. */
function useRects(paper: RefObject<HTMLElement | null>, ids: readonly (string | undefined)[], version: object): ReadonlyMap<string, Rect> {
  const [rects, setRects] = useState<ReadonlyMap<string, Rect>>(new Map());
  const wanted = ids.filter((id) => id !== undefined).join(' ');
  useEffect(() => {
    const sheet = paper.current;
    if (sheet === null) return;
    const measure = () => {
      const found = new Map<string, Rect>();
      for (const id of wanted.split(' ')) {
        const element = elementOf(sheet, id);
        const rect = element && rectOn(sheet, element);
        if (rect !== undefined) found.set(id, rect);
      }
      setRects(found);
    };
    measure();
    // Children are drawn before this effect or with the next frame, and may take a moment to load.
    const frame = requestAnimationFrame(measure);
    const observer = new ResizeObserver(measure);
    observer.observe(sheet);
    for (const id of wanted.split(' ')) {
      const element = elementOf(sheet, id);
      if (element !== undefined) observer.observe(element);
    }
    sheet.addEventListener('transitionend', measure);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      sheet.removeEventListener('transitionend', measure);
    };
  }, [paper, wanted, version]);
  return rects;
}
