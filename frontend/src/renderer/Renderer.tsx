import {
  type CSSProperties,
  createContext,
  memo,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useSyncExternalStore,
} from 'react';
import { type AnyControl, type Controls, type CommonProps, isDeferred, type PropSpec } from '@/controls/contract';
import { useLanguage } from '@/ui/useLanguage';
import { formatValue } from '@/values/format';
import type { Value, ValueMap } from '@/values/value';
import type { Action } from '@/controls/contract';
import { useResolved } from './bindings';
import type { DocumentStore, PageNode } from './document';
import type { FieldState, Host } from './host';
import { NodeBoundary, NodeError } from './NodeError';
import './renderer.css';

interface Stage {
  store: DocumentStore;
  host: Host;
  controls: Controls;
}

const StageContext = createContext<Stage | undefined>(undefined);

function useStage(): Stage {
  const stage = useContext(StageContext);
  if (stage === undefined) throw new Error('a node outside of a Renderer');
  return stage;
}

/**
 * Draws a page; the Studio's canvas and the Workplace use the same one. Each node is a view of its own that is drawn again when its node,
 * its field or one of its expressions changes, and that shows its own error when its control throws.
 */
export function Renderer({ store, host, controls }: Stage) {
  const stage = useMemo(() => ({ store, host, controls }), [store, host, controls]);
  const root = useSyncExternalStore(store.subscribeRoot, store.root);
  return (
    <StageContext.Provider value={stage}>
      <NodeView id={root} />
    </StageContext.Provider>
  );
}

const NodeView = memo(function NodeView({ id }: { id: string }) {
  const { store, controls, host } = useStage();
  const subscribe = useCallback((listener: () => void) => store.subscribe(id, listener), [store, id]);
  const node = useSyncExternalStore(subscribe, () => store.node(id));
  if (node === undefined) return <NodeError id={id} name={id} reason="missing" detail={id} />;
  const control = controls.get(node.type);
  if (control === undefined) return <NodeError id={id} name={node.name} reason="unknownControl" detail={node.type} />;
  return (
    <NodeBoundary id={id} name={node.name} of={[node, host]}>
      <ControlView id={id} node={node} control={control} />
    </NodeBoundary>
  );
});

function ControlView({ id, node, control }: { id: string; node: PageNode; control: AnyControl }) {
  const { host } = useStage();
  const language = useLanguage();
  const deferred = useCallback((name: string) => isDeferred(Object.entries(control.schema).find(([key]) => key === name)?.[1]), [control]);
  const resolved = useResolved(node.props, deferred, host.evaluator);
  const bound = control.bind === undefined ? undefined : text(resolved.ok ? resolved.props.field : undefined);
  const state = useField(host, bound);
  const slots = useSlots(node);
  const setValue = useCallback(
    (value: Value) => {
      if (bound !== undefined && host.mode === 'run') host.form.write(bound, value);
    },
    [host, bound],
  );
  const dispatch = useCallback(
    (action: Action, record?: ValueMap) => (host.mode === 'run' ? host.dispatch(action, id, record) : Promise.resolve()),
    [host, id],
  );
  if (!resolved.ok) return <NodeError id={id} name={node.name} reason="expression" detail={`${resolved.expression}: ${resolved.problem}`} />;
  const { visible: shown, span, field: _field, disabled, required, ...own } = resolved.props;
  const visible = shown !== false;
  if (!visible && host.mode === 'run') return null;
  const field = bound === undefined ? undefined : host.form.field(bound);
  if (bound !== undefined && field === undefined) return <NodeError id={id} name={node.name} reason="unknownField" detail={bound} />;
  const View = control.View;
  const props = { ...control.defaults, ...written(control.schema, own, language) };
  const isLeaf = (control.slots ?? []).length === 0;
  return (
    <NodeBoundary id={id} name={node.name} of={[resolved.props, state, field]}>
      <div className={isLeaf ? 'aq-node aq-leaf' : 'aq-node'} data-node={id} data-name={node.name} data-hidden={visible ? undefined : true} style={spanStyle(span)}>
        <View
          id={id}
          name={node.name}
          props={props}
          slots={slots}
          field={field}
          value={state.value}
          errors={state.errors}
          setValue={setValue}
          disabled={disabled === true}
          required={required === true || field?.required === true}
          visible={visible}
          mode={host.mode}
          dispatch={dispatch}
        />
      </div>
    </NodeBoundary>
  );
}

const unbound: FieldState = { value: undefined, errors: [] };

function useField({ form }: Host, name: string | undefined): FieldState {
  const subscribe = useCallback(
    (listener: () => void) => (name === undefined ? () => undefined : form.subscribe(name, listener)),
    [form, name],
  );
  return useSyncExternalStore(subscribe, () => (name === undefined ? unbound : form.read(name)));
}

function useSlots({ slots }: PageNode): Readonly<Record<string, ReactNode>> {
  return useMemo(
    () => Object.fromEntries(Object.entries(slots).map(([slot, ids]) => [slot, ids.map((id) => <NodeView key={id} id={id} />)])),
    [slots],
  );
}

/** What stands where people read a text is one: of an expression that gives a number or a day, as people write that. */
function written(schema: object, props: Record<string, unknown>, language: string): Record<string, unknown> {
  const texts = Object.entries(schema as Readonly<Record<string, PropSpec>>).flatMap(([name, spec]) => {
    const value = props[name];
    if (spec.kind !== 'text' || spec.typed === true || value === undefined || typeof value === 'string') return [];
    return [[name, typeof value === 'number' ? String(value) : formatValue(value as Value, language)] as const];
  });
  return texts.length === 0 ? props : { ...props, ...Object.fromEntries(texts) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function spanStyle(span: unknown): CSSProperties | undefined {
  if (typeof span !== 'object' || span === null) return undefined;
  const { phone, tablet, desktop }: Partial<Record<keyof CommonProps['span'], unknown>> = span;
  const style: Record<string, number> = {};
  for (const [name, columns] of Object.entries({ phone, tablet, desktop })) {
    const count = Number(columns); // an int of an expression is a bigint
    if (Number.isInteger(count) && count >= 1 && count <= 12) style[`--aq-${name}`] = count;
  }
  return style;
}
