import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import AddIcon from '@mui/icons-material/Add';
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { useDrop } from './drop';

/** What a line of the drawing needs. */
export interface WayData extends Record<string, unknown> {
  /** As SVG has it. */
  route: string;
  /** Where label and button stand. */
  x: number;
  y: number;
  /** Name of the case. */
  label?: string;
  /** Whether the last run took it. */
  taken?: boolean;
  add?: { words: string; onAdd: (anchor: HTMLElement) => void; onDrop: (type: string) => void } | undefined;
}

/** A line with its label and a button that puts something onto it. */
export function WayEdge({ id, data, markerEnd }: EdgeProps<Edge<WayData>>) {
  if (data === undefined) return null;
  const { route, x, y, label, taken, add } = data;
  return (
    <>
      <BaseEdge
        id={id}
        path={route}
        {...(markerEnd !== undefined && { markerEnd })}
        style={{ strokeWidth: taken ? 1.75 : 1, stroke: taken ? 'var(--aqtra-palette-primary-main)' : 'var(--aqtra-palette-text-secondary)', opacity: taken ? 1 : 0.75 }}
      />
      <EdgeLabelRenderer>
        <Box
          sx={{ position: 'absolute', pointerEvents: 'all', display: 'flex', alignItems: 'center', gap: 0.5, transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        >
          {label && (
            <Box component="span" sx={{ px: 0.75, py: 0.125, fontSize: '0.6875rem', borderRadius: 1, bgcolor: 'background.paper', border: 1, borderColor: 'divider', color: 'text.secondary', maxWidth: 140, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
              {label}
            </Box>
          )}
          {add && <Add {...add} />}
        </Box>
      </EdgeLabelRenderer>
    </>
  );
}

/** The "+" on a line; it also takes what is dragged from the palette. */
export function Add({ words, onAdd, onDrop }: NonNullable<WayData['add']>) {
  const [ref, over] = useDrop<HTMLButtonElement>(onDrop);
  return (
      <IconButton
        ref={ref}
        className="nopan"
        aria-label={words}
        title={words}
        onClick={(event) => {
          event.stopPropagation();
          onAdd(event.currentTarget);
        }}
        sx={{
          width: 20, height: 20, p: 0, bgcolor: over ? 'primary.main' : 'background.paper', color: over ? 'primary.contrastText' : 'text.secondary', border: 1,
          borderColor: over ? 'primary.main' : 'divider', '&:hover, &:focus-visible': { bgcolor: 'primary.main', color: 'primary.contrastText', borderColor: 'primary.main' },
        }}
      >
        <AddIcon sx={{ fontSize: 14 }} />
      </IconButton>
  );
}
