import '@xyflow/react/dist/base.css';
import Box from '@mui/material/Box';
import {
  Background, BackgroundVariant, type Connection, Controls, type Edge, type EdgeTypes, MiniMap, type Node, type NodeTypes, ReactFlow,
  ReactFlowProvider, useReactFlow, useStore,
} from '@xyflow/react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fits, viewOf } from './view';

interface CanvasProps {
  label: string;
  nodes: Node[];
  edges: Edge[];
  nodeTypes: NodeTypes;
  edgeTypes: EdgeTypes;
  /** Node that must be seen. */
  selected: string | undefined;
  onLeave: () => void;
  onConnect?: (arrow: { source: string; target: string }) => void;
  isValidConnection?: (arrow: { source: string; target: string }) => boolean;
  children?: ReactNode;
}

/** What the button of the controls shows: everything, however small. */
const fit = { maxZoom: 1, minZoom: 0.2, padding: 0.06 };

const ends = ({ source, target }: Connection | Edge) => ({ source, target });

/** The id of the box under the pointer. */
function boxAt(event: MouseEvent | TouchEvent): string | undefined {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event;
  if (at === undefined) return undefined;
  return document.elementFromPoint(at.clientX, at.clientY)?.closest('.react-flow__node')?.getAttribute('data-id') ?? undefined;
}

/** The surface that a flow is drawn on: it can be moved and zoomed, what stands where is computed. */
export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function Surface({ label, nodes, edges, nodeTypes, edgeTypes, selected, onLeave, onConnect, isValidConnection, children }: CanvasProps) {
  const { t } = useTranslation('flows');
  const narrow = useStore((state) => state.width < 640);
  useView(selected, nodes);
  return (
    <Box sx={{ position: 'absolute', inset: 0, ...looks }}>
      <ReactFlow
        aria-label={label}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        nodesConnectable={onConnect !== undefined}
        onConnect={(connection) => onConnect?.(ends(connection))}
        onConnectEnd={(event, { fromHandle, isValid }) => {
          // An arrow may be dropped anywhere on a box, not only on its dot.
          if (isValid === true || fromHandle === null) return;
          const box = boxAt(event);
          if (box === undefined || box === fromHandle.nodeId) return;
          const arrow = fromHandle.type === 'source' ? { source: fromHandle.nodeId, target: box } : { source: box, target: fromHandle.nodeId };
          if (isValidConnection?.(arrow) === true) onConnect?.(arrow);
        }}
        isValidConnection={(connection) => isValidConnection?.(ends(connection)) ?? false}
        onPaneClick={onLeave}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panOnScroll
        minZoom={0.2}
        maxZoom={1.5}
        fitViewOptions={fit}
        disableKeyboardA11y
        ariaLabelConfig={{
          'controls.ariaLabel': t('canvas.controls'),
          'controls.zoomIn.ariaLabel': t('canvas.in'),
          'controls.zoomOut.ariaLabel': t('canvas.out'),
          'controls.fitView.ariaLabel': t('canvas.fit'),
          'minimap.ariaLabel': t('canvas.map'),
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={18} size={1.2} />
        <Controls showInteractive={false} />
        {!narrow && nodes.length > 6 && <MiniMap pannable style={{ width: 150, height: 100 }} />}
        {children}
      </ReactFlow>
    </Box>
  );
}

/**
 * Shows the drawing when the surface gets a size or another one, such as when the test opens below it, and moves it when the selected box
 * is outside of what is seen.
 */
function useView(selected: string | undefined, nodes: Node[]): void {
  const { getViewport, setViewport, setCenter, getNodesBounds } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const drawn = useRef(nodes);
  useEffect(() => {
    drawn.current = nodes;
  });
  const empty = nodes.length === 0;
  useEffect(() => {
    if (width > 0 && height > 0 && !empty) void setViewport(viewOf(getNodesBounds(drawn.current), { width, height }));
  }, [width, height, empty, setViewport, getNodesBounds]);

  const node = nodes.find((one) => one.id === selected);
  const left = node?.position.x;
  const top = node?.position.y;
  const wide = node?.width ?? 0;
  const high = Math.min(node?.height ?? 0, 60);
  useEffect(() => {
    if (left === undefined || top === undefined || width === 0) return;
    const { x, y, zoom } = getViewport();
    const inside = left * zoom + x >= 0 && top * zoom + y >= 0 && (left + wide) * zoom + x <= width && (top + high) * zoom + y <= height;
    if (inside) return;
    const all = getNodesBounds(drawn.current);
    const whole = fits(all, { width, height });
    void (whole ? setViewport(viewOf(all, { width, height }), { duration: 150 }) : setCenter(left + wide / 2, top + high / 2, { zoom, duration: 150 }));
  }, [left, top, wide, high, width, height, getViewport, setViewport, setCenter, getNodesBounds]);
}

/** The theme's colours in place of the library's, so that both modes are ours. */
const looks = {
  '& .react-flow': {
    '--xy-background-color': 'var(--aqtra-palette-background-default)',
    '--xy-background-pattern-color': 'var(--aqtra-palette-divider)',
    '--xy-connectionline-stroke-default': 'var(--aqtra-palette-primary-main)',
    '--xy-minimap-background-color-default': 'var(--aqtra-palette-background-paper)',
    '--xy-minimap-mask-background-color-default': 'transparent',
    '--xy-minimap-node-background-color-default': 'var(--aqtra-palette-divider)',
    '--xy-attribution-background-color-default': 'transparent',
  },
  // Boxes are not the library's to select or drag, so it lets the pointer through them; ours are buttons.
  '& .react-flow__node': { cursor: 'default', pointerEvents: 'all !important' },
  '& .react-flow__handle': { width: 10, height: 10, minWidth: 0, minHeight: 0, border: 0, borderRadius: '50%', bgcolor: 'text.primary' },
  '& .react-flow__handle.connectable': { cursor: 'crosshair', '&:hover': { bgcolor: 'primary.main', boxShadow: '0 0 0 4px var(--aqtra-palette-action-selected)' } },
  '& .react-flow__handle.plain': { opacity: 0, pointerEvents: 'none' },
  '& .react-flow__controls': { border: 1, borderColor: 'divider', borderRadius: 1, overflow: 'hidden', boxShadow: 'none' },
  '& .react-flow__controls-button': {
    width: 28, height: 28, border: 0, borderBottom: 1, borderColor: 'divider', bgcolor: 'background.paper', color: 'text.primary', cursor: 'pointer',
    display: 'grid', placeItems: 'center', p: 0, '&:hover': { bgcolor: 'action.hover' }, '&:last-of-type': { borderBottom: 0 },
    '& svg': { width: 12, height: 12, fill: 'currentcolor' },
  },
  '& .react-flow__minimap': { border: 1, borderColor: 'divider', borderRadius: 1, overflow: 'hidden', m: 1.5 },
  '& .react-flow__attribution, & .react-flow__attribution a': { color: 'text.secondary', fontSize: '0.625rem', textDecoration: 'none' },
} as const;
