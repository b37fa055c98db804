import type { Controls } from '@/controls/contract';
import { expressionOf } from '@/renderer/bindings';
import type { PageDocument } from '@/renderer/document';
import type { Evaluator } from '@/renderer/host';
import type { Json } from '@/values/json';

/** BoundField is a field that the user can see, and whether the page insists on it. */
export interface BoundField {
  field: string;
  required: boolean;
}

/** The fields that visible controls are bound to, in the order of the page. */
export function boundFields(document: PageDocument, controls: Controls, evaluator: Evaluator): readonly BoundField[] {
  const found: BoundField[] = [];
  const valueOf = (setting: Json | undefined): unknown => {
    const text = expressionOf(setting);
    if (text === undefined) return setting;
    const result = evaluator.evaluate(text);
    return result.ok ? result.value : undefined;
  };
  const visit = (id: string): void => {
    const node = document.nodes[id];
    if (node === undefined || valueOf(node.props.visible) === false) return;
    const field = valueOf(node.props.field);
    const bound = controls.get(node.type)?.bind !== undefined;
    if (bound && typeof field === 'string' && field !== '' && valueOf(node.props.disabled) !== true) {
      found.push({ field, required: valueOf(node.props.required) === true });
    }
    Object.values(node.slots).flat().forEach(visit);
  };
  visit(document.root);
  return found;
}

/** Component whose records a node shows: its own setting, or that of the page. Empty when they are of no component. */
export function componentOf(document: PageDocument, id: string, own: string): string {
  const props = document.nodes[id]?.props;
  if (typeof props?.dataflow === 'string' && props.dataflow !== '') return '';
  return typeof props?.component === 'string' && props.component !== '' ? props.component : own;
}
