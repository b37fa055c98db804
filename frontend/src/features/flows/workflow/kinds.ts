import type { Spec } from '@/api';
import type { Settings } from './document';

/** The settings that a new task of a flow kind begins with. `inner` names the task in the lists that it must have. */
function flowSettings(type: string, inner: string): Settings {
  switch (type) {
    case 'do':
      return { do: [{ [inner]: { set: {} } }] };
    case 'for':
      return { for: { in: '${ input }', each: 'item' }, do: [{ [inner]: { set: '${ item }' } }] };
    case 'switch':
      return { switch: [{ otherwise: { then: 'continue' } }] };
    case 'wait':
      return { wait: 'PT1M' };
    case 'raise':
      return { raise: { error: { type: 'https://example.com/errors/refused', status: 400, title: 'Refused' } } };
    case 'listen':
      return { listen: { to: { one: { with: { type: 'event' } } } } };
    case 'fork':
      return { fork: { branches: ['a', 'b'].map((branch) => ({ [`${inner}_${branch}`]: { do: [{ [inner]: { set: {} } }] } })) } };
    case 'try':
      return { try: [{ [inner]: { set: {} } }], catch: {} };
    default:
      return { [type]: {} };
  }
}

/** The settings that a new task begins with. A function begins with its component and what it cannot be without. */
export function newSettings(spec: Spec, component: string, inner: string): Settings {
  const type = spec.type ?? '';
  if (!isFunction(spec)) return flowSettings(type, inner);
  const names = (spec.params ?? []).map((param) => param.name);
  const given: Record<string, unknown> = {};
  if (names.includes('component')) given.component = component;
  if (type === 'confirm') Object.assign(given, { title: 'Please decide', choices: [{ value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }], roles: ['admin'] });
  if (type === 'notify') Object.assign(given, { title: 'Something has happened', roles: ['admin'] });
  if (type === 'http') Object.assign(given, { method: 'GET', endpoint: 'https://api.example.com/' });
  if (type === 'entry') Object.assign(given, { action: 'get', entry: '${ input.entry }' });
  return { call: type, with: given };
}

/** Whether a kind is called, or is a task by itself. */
export function isFunction(spec: Spec): boolean {
  return spec.group === 'Functions';
}

/** The key of a kind, as tasks have it: "set", "call/confirm". */
export function keyOf(spec: Spec): string {
  return isFunction(spec) ? `call/${spec.type}` : (spec.type ?? '');
}
