import Box from '@mui/material/Box';
import { type Edge, type EdgeTypes, Handle, MarkerType, type Node, type NodeProps, type NodeTypes, Position } from '@xyflow/react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem, Spec } from '@/api';
import { Canvas } from '../drawing/Canvas';
import { Card, type Trace } from '../drawing/Card';
import { useAdder } from '../drawing/useAdder';
import { WayEdge, type WayData } from '../drawing/WayEdge';
import { under } from '../fields/scope';
import type { DrawingProps } from '../parts/FlowEditor';
import type { Document } from './document';
import { draw, type DrawnBox, routeOf } from './drawn';
import type { Spot } from './tree';

interface BoxData extends Record<string, unknown> {
  box: DrawnBox;
  type: string;
  selected: boolean;
  trace: Trace | undefined;
  problems: readonly Problem[];
  onSelect: () => void;
  onRemove: (() => void) | undefined;
}

interface WorkflowCanvasProps extends DrawingProps<Spot> {
  id: string;
  document: Document;
  specs: ReadonlyMap<string, Spec>;
  selected: string | undefined;
  traces: ReadonlyMap<string, Trace>;
  onSelect: (task: string | undefined) => void;
  onRemove: (task: string) => void;
}

const nodeTypes: NodeTypes = { box: BoxNode };
const edgeTypes: EdgeTypes = { way: WayEdge };

/** The drawing of a workflow. */
export function WorkflowCanvas(props: WorkflowCanvasProps) {
  const { id, document, title, specs, selected, traces, problems, mayWrite, onSelect } = props;
  const { t } = useTranslation('flows');
  const drawn = useMemo(() => draw(document), [document]);
  const adderOf = useAdder(props);
  const handlers = useRef(props);
  handlers.current = props;
  const nodes = useMemo<Node<BoxData>[]>(
    () =>
      drawn.boxes.map((box) => {
        const key = box.task?.kind ?? '';
        return {
          id: box.id,
          type: 'box',
          position: { x: box.x, y: box.y },
          width: box.width,
          height: box.height,
          zIndex: box.role === 'frame' ? -1 : 1,
          data: {
            box,
            type: specs.get(key)?.title || key,
            selected: box.id === selected,
            trace: traces.get(box.id),
            problems: ownProblems(problems, `workflows/${id}/document/${box.id}`, drawn.boxes),
            onSelect: () => handlers.current.onSelect(box.id),
            onRemove: mayWrite ? () => handlers.current.onRemove(box.id) : undefined,
          },
        };
      }),
    [drawn, specs, selected, traces, problems, mayWrite, id],
  );
  const edges = useMemo<Edge<WayData>[]>(
    () =>
      drawn.ways.map((way) => ({
        id: way.id,
        source: way.source,
        target: way.target,
        type: 'way',
        zIndex: 0,
        markerEnd: { type: MarkerType.ArrowClosed, width: 12, height: 12, color: 'var(--aqtra-palette-text-secondary)' },
        data: {
          route: routeOf(way),
          x: way.x,
          y: way.y,
          label: way.ends ? t('ends', { name: way.label }) : way.label,
          add: adderOf(t('addTask'), way.spot),
        },
      })),
    [drawn, adderOf, t],
  );
  return <Canvas label={title} nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} selected={selected} onLeave={() => onSelect(undefined)} />;
}

/** The problems of a task without those of tasks within it. */
function ownProblems(problems: readonly Problem[], path: string, boxes: readonly DrawnBox[]): readonly Problem[] {
  const found = under(problems, path);
  if (found.length === 0) return found;
  const prefix = path.slice(0, path.indexOf('/document/') + '/document/'.length);
  const within = boxes.filter((box) => box.role === 'task' && `${prefix}${box.id}`.startsWith(`${path}/`)).map((box) => `${prefix}${box.id}`);
  return found.filter((problem) => !within.some((inner) => under([problem], inner).length > 0));
}

function BoxNode({ data }: NodeProps<Node<BoxData>>) {
  const { t } = useTranslation('flows');
  const { box, ...shown } = data;
  return (
    <>
      <Handle type="target" position={Position.Top} className="plain" isConnectable={false} />
      {box.role === 'task' && <Card {...shown} title={box.task?.name ?? ''} />}
      {box.role === 'frame' && <Box sx={{ width: '100%', height: '100%', border: 1, borderColor: 'divider', borderRadius: 1.5, bgcolor: 'action.hover' }} />}
      {box.role === 'start' && <Pill words={t(`begin.${box.block ?? 'do'}`)} />}
      {box.role === 'end' && (box.block === 'workflow' ? <Pill words={t('end')} /> : <Box sx={{ width: 10, height: 10, borderRadius: '50%', bgcolor: 'text.secondary' }} />)}
      <Handle type="source" position={Position.Bottom} className="plain" isConnectable={false} />
    </>
  );
}

function Pill({ words }: { words: string }) {
  return (
    <Box sx={{ width: '100%', height: '100%', display: 'grid', placeItems: 'center', borderRadius: 999, border: 1, borderColor: 'divider', bgcolor: 'background.paper', color: 'text.secondary', fontSize: '0.75rem', fontWeight: 600, whiteSpace: 'nowrap' }}>
      {words}
    </Box>
  );
}
