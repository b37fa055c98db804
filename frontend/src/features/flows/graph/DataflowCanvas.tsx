import Box from '@mui/material/Box';
import { type Edge, type EdgeTypes, Handle, type Node, type NodeProps, type NodeTypes, Position } from '@xyflow/react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Dataflow, Problem, Spec } from '@/api';
import { Canvas } from '../drawing/Canvas';
import { Card, type Trace } from '../drawing/Card';
import { useDrop } from '../drawing/drop';
import { useAdder } from '../drawing/useAdder';
import { Add, WayEdge, type WayData } from '../drawing/WayEdge';
import { under } from '../fields/scope';
import type { DrawingProps } from '../parts/FlowEditor';
import { card, draw } from './drawn';
import { type Arrow, stepsOf } from './graph';

interface StepData extends Record<string, unknown> {
  type: string;
  title: string;
  inputs: number;
  /** Nobody reads it, so a "+" follows. */
  last: boolean;
  selected: boolean;
  trace: Trace | undefined;
  problems: readonly Problem[];
  onSelect: () => void;
  onRemove: (() => void) | undefined;
  add: WayData['add'];
}

interface DataflowCanvasProps extends DrawingProps<Partial<Arrow>> {
  flow: Dataflow;
  specs: ReadonlyMap<string, Spec>;
  selected: string | undefined;
  traces: ReadonlyMap<string, Trace>;
  onSelect: (step: string | undefined) => void;
  onRemove: (step: string) => void;
  onConnect: (arrow: Arrow) => void;
  canConnect: (arrow: Arrow) => boolean;
}

const nodeTypes: NodeTypes = { step: StepNode };
const edgeTypes: EdgeTypes = { way: WayEdge };

/** The drawing of a dataflow. */
export function DataflowCanvas(props: DataflowCanvasProps) {
  const { flow, title, specs, selected, traces, problems, mayWrite, onSelect, onAdd, onConnect, canConnect } = props;
  const { t } = useTranslation('flows');
  const shape = stepsOf(flow).map((step) => `${step.id}<${step.sources?.join(',') ?? ''}`).join(';');
  const latest = useRef(flow);
  latest.current = flow;
  // What stands where depends on steps and arrows alone, so typing into a setting places nothing anew.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- "shape" says when the flow has another drawing
  const drawn = useMemo(() => draw(latest.current), [shape]);
  const adderOf = useAdder(props);
  const handlers = useRef(props);
  handlers.current = props;
  const nodes = useMemo<Node<StepData>[]>(() => {
    const read = new Set(drawn.arrows.map((arrow) => arrow.source));
    return stepsOf(flow).map((step) => {
      const spec = specs.get(step.type ?? '');
      const type = spec?.title || step.type || '';
      return {
        id: step.id,
        type: 'step',
        position: drawn.steps.get(step.id) ?? { x: 0, y: 0 },
        ...card,
        data: {
          type,
          title: step.title || step.id,
          inputs: spec?.maxSources ?? 0,
          last: !read.has(step.id),
          selected: step.id === selected,
          trace: traces.get(step.id),
          problems: under(problems, `dataflows/${flow.id}/steps/${step.id}`),
          onSelect: () => handlers.current.onSelect(step.id),
          onRemove: mayWrite ? () => handlers.current.onRemove(step.id) : undefined,
          add: adderOf(t('addAfter', { name: step.title || step.id }), { source: step.id }),
        },
      };
    });
  }, [drawn, flow, specs, selected, traces, problems, mayWrite, adderOf, t]);
  const edges = useMemo<Edge<WayData>[]>(
    () =>
      drawn.arrows.map(({ id, source, target, route, x, y }) => ({
        id,
        source,
        target,
        type: 'way',
        data: {
          route,
          x,
          y,
          taken: traces.has(source) && traces.has(target),
          add: adderOf(t('addBetween', { from: source, to: target }), { source, target }),
        },
      })),
    [drawn, adderOf, traces, t],
  );
  const [surface] = useDrop<HTMLDivElement>(mayWrite ? (type) => onAdd({}, type) : undefined);
  return (
    <Box ref={surface} sx={{ position: 'absolute', inset: 0 }}>
      <Canvas
        label={title}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        selected={selected}
        onLeave={() => onSelect(undefined)}
        isValidConnection={canConnect}
        {...(mayWrite && { onConnect })}
      />
    </Box>
  );
}

function StepNode({ data, isConnectable }: NodeProps<Node<StepData>>) {
  const { inputs, last, add, ...shown } = data;
  return (
    <>
      {inputs > 0 && <Handle type="target" position={Position.Left} isConnectable={isConnectable} />}
      <Card {...shown} onDrop={add?.onDrop} />
      <Handle type="source" position={Position.Right} isConnectable={isConnectable} />
      {last && add && (
        <Box sx={{ position: 'absolute', left: '100%', top: '50%', transform: 'translate(14px, -50%)' }}>
          <Add {...add} />
        </Box>
      )}
    </>
  );
}
