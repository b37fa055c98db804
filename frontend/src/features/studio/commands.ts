import type { AccessRule, Component, Settings, Trigger } from '@/api';
import type { Command } from '@/draft';

/** Sets what people call the component. */
export function rename(displayName: string): Command {
  return { label: 'studio:do.rename', mergeKey: 'displayName', apply: (component) => void (component.displayName = displayName) };
}

/** Sets what the component is for. */
export function describe(description: string): Command {
  return { label: 'studio:do.describe', mergeKey: 'description', apply: (component) => void (component.description = description) };
}

/** Sets one of the component's settings. */
export function set<K extends keyof Settings>(name: K, value: Settings[K]): Command {
  return {
    label: `studio:do.set.${name}`,
    mergeKey: `settings/${name}`,
    apply: (component) => void (component.settings = { ...component.settings, [name]: value }),
  };
}

function list<K extends 'access' | 'triggers'>(component: Component, name: K): NonNullable<Settings[K]> {
  component.settings ??= {};
  return (component.settings[name] ??= []) as NonNullable<Settings[K]>;
}

/** Adds a rule of access; from the first one on, roles that no rule names have no access. */
export function addRule(role: string): Command {
  return { label: 'studio:do.set.access', apply: (component) => void list(component, 'access').push({ role, operations: ['OPERATION_READ'], filter: '' }) };
}

/** Changes a rule of access. */
export function setRule(at: number, rule: Partial<AccessRule>): Command {
  return {
    label: 'studio:do.set.access',
    mergeKey: `settings/access/${at}/${Object.keys(rule).join()}`,
    apply: (component) => void Object.assign(list(component, 'access')[at] ?? {}, rule),
  };
}

/** Removes a rule of access. */
export function removeRule(at: number): Command {
  return { label: 'studio:do.set.access', apply: (component) => void list(component, 'access').splice(at, 1) };
}

/** Adds a trigger: a workflow that starts when entries are made. */
export function addTrigger(id: string, workflow: string): Command {
  return { label: 'studio:do.set.triggers', apply: (component) => void list(component, 'triggers').push({ id, workflow, operation: 'OPERATION_CREATE', condition: '' }) };
}

/** Changes a trigger. */
export function setTrigger(id: string, trigger: Partial<Trigger>): Command {
  return {
    label: 'studio:do.set.triggers',
    mergeKey: `settings/triggers/${id}/${Object.keys(trigger).join()}`,
    apply: (component) => void Object.assign(list(component, 'triggers').find((one) => one.id === id) ?? {}, trigger),
  };
}

/** Removes a trigger. */
export function removeTrigger(id: string): Command {
  return {
    label: 'studio:do.set.triggers',
    apply: (component) => {
      const all = list(component, 'triggers');
      const at = all.findIndex((one) => one.id === id);
      if (at >= 0) all.splice(at, 1);
    },
  };
}
