import type { ComponentType, ReactNode } from 'react';
import type { Field } from '@/api';
import type { JsonObject } from '@/values/json';
import type { FieldKind, Value, ValueMap } from '@/values/value';

/** MessageKey names a text as "namespace:path", see src/app/i18n.ts. */
export type MessageKey = `${string}:${string}`;

/**
 * Action is what a control asks the page to do. The names are those that the step form-action uses, so that a page and a dataflow speak
 * of the same things. Settings in `params` and `input` may be {"$expr": "CEL"}; whoever carries the action out evaluates them then, with
 * the record that the control was about.
 */
export type Action =
  | { type: 'run-dataflow'; dataflow: string; component?: string; input?: JsonObject }
  | { type: 'start-workflow'; workflow: string; component?: string; input?: JsonObject }
  | { type: 'run-script'; script: string; component?: string; input?: JsonObject }
  | { type: 'open-page'; page: string; component?: string; params?: JsonObject }
  | { type: 'open-component'; component: string }
  | { type: 'open-modal'; page: string; component?: string; params?: JsonObject }
  | { type: 'open-sidebar'; page: string; component?: string; params?: JsonObject }
  | { type: 'open-file'; file: string }
  | { type: 'add-record'; page: string; component?: string; params?: JsonObject }
  | { type: 'edit-record'; page: string; component?: string; params?: JsonObject }
  | { type: 'delete-record'; component?: string }
  | { type: 'navigate-back' }
  | { type: 'close' };

/** ControlProps is what a control's view gets from the renderer. */
export interface ControlProps<P> {
  /** Id of the node, stable over edits; also fit for DOM ids of the control. */
  id: string;
  /** Name that its author gave it; automation finds it by data-name. */
  name: string;
  /** The settings: expressions evaluated, defaults filled in. Settings of a deferred kind (see PropSpec) come as they stand. */
  props: P;
  /** The children, drawn, by the names of Control.slots. */
  slots: Readonly<Record<string, ReactNode>>;
  /** Definition of the bound field, undefined when the control is bound to none. */
  field: Field | undefined;
  /** Value of the bound field; undefined when it is absent or the control is bound to none. */
  value: Value | undefined;
  setValue: (value: Value) => void;
  /** What is wrong with the bound field, in the user's language; empty when nothing is. */
  errors: readonly string[];
  disabled: boolean;
  /** Required by the control's own setting or by the object model. */
  required: boolean;
  /** False only on the Studio's canvas, which shows hidden controls faintly; elsewhere they are not drawn. */
  visible: boolean;
  /** On the canvas a control is drawn with live data but does nothing. */
  mode: 'run' | 'edit';
  /** Carries an action out, about a record if the control shows several. Settles when it is done; failures are shown by the page. */
  dispatch: (action: Action, record?: ValueMap) => Promise<void>;
}

/** PropGroup is a heading of the property panel. */
export type PropGroup = 'content' | 'data' | 'behaviour' | 'validation' | 'layout' | 'style';

interface PropBase<T> {
  label: MessageKey;
  help?: MessageKey;
  group: PropGroup;
  /** Shown when the setting is absent; the same value stands in Control.defaults. */
  default?: T;
  required?: boolean;
  /** May be bound to an expression. Settings of the kinds marked as deferred are not: parts of them may be. */
  bindable?: boolean;
}

/**
 * PropSpec describes one setting, so that the Studio can draw its editor. Deferred kinds (action, columns, mapping) hold expressions
 * that are evaluated later, about one record or event; the renderer hands them over untouched.
 */
export type PropSpec<T = unknown> = PropBase<T> &
  (
    /** Values of expressions come to the view as text, unless it wants them `typed`. */
    | { kind: 'text'; multiline?: boolean; maxLength?: number; typed?: true }
    | { kind: 'number'; min?: number; max?: number; step?: number }
    | { kind: 'boolean' }
    | { kind: 'enum'; options: readonly { value: T; label: MessageKey }[] }
    /** CEL whose value has the type, such as "bool"; any without one. */
    | { kind: 'expression'; type?: string }
    /** Name of a field, of the component's own model or of the component that another setting names. */
    | { kind: 'field'; kinds?: readonly FieldKind[]; of?: string }
    | { kind: 'component' }
    /** A part of the component that another setting names, or of the page's own. */
    | { kind: 'page' | 'dataflow' | 'workflow' | 'script'; of?: string }
    | { kind: 'roles' }
    | { kind: 'file'; accept?: readonly string[] }
    | { kind: 'action' }
    | { kind: 'columns'; of: string }
    | { kind: 'mapping'; of?: string }
  );

/** PropSchema describes every setting of a control, in the order of the property panel. */
export type PropSchema<P> = { readonly [K in keyof P]-?: PropSpec<NonNullable<P[K]>> };

/** ControlGroup is a heading of the palette. */
export type ControlGroup = 'layout' | 'display' | 'input' | 'data' | 'action';

/**
 * Control is one kind of thing on a page. Each lives in a folder of its own named after its type, src/controls/<type>/, whose index.ts or
 * index.tsx exports it as `control`; see README.md beside this file.
 */
export interface Control<P extends object> {
  /** Stable name in documents: lower case with dashes. */
  type: string;
  title: MessageKey;
  icon: ComponentType<{ fontSize?: 'small' | 'inherit' | 'medium' | 'large' }>;
  group: ControlGroup;
  schema: PropSchema<P>;
  /** Settings of a new control, and what is used where a document leaves one out. */
  defaults: P;
  /** Names of the places for children; none for a control without. */
  slots?: readonly string[];
  /** Kinds of field that it can be bound to by its setting "field"; a control without it is bound to none. */
  bind?: { kinds: readonly FieldKind[] };
  /** Draws it. Written as a method so that controls of all settings fit one registry. */
  View(props: ControlProps<P>): ReactNode;
}

/** AnyControl is a control whose settings are not known. */
export type AnyControl = Control<object>;

/** Controls finds a control by its type. */
export type Controls = ReadonlyMap<string, AnyControl>;

/** CommonProps are settings that every control has, and that the renderer itself obeys. */
export interface CommonProps {
  visible: boolean;
  /** Columns of twelve that it takes, by the width of what it stands in. */
  span: { phone?: number; tablet?: number; desktop?: number };
}

/** BoundProps are the settings of controls that can be bound to a field. */
export interface BoundProps {
  /** Name of the field. */
  field: string;
  disabled: boolean;
  required: boolean;
}

/** Deferred tells settings whose expressions the renderer leaves alone. */
export function isDeferred(spec: PropSpec | undefined): boolean {
  return spec?.kind === 'action' || spec?.kind === 'columns' || spec?.kind === 'mapping';
}

/** The settings that come on top of a control's own schema, for the property panel. */
export function commonSchema(control: AnyControl): Readonly<Record<string, PropSpec>> {
  const common: Record<string, PropSpec> = {
    visible: { kind: 'boolean', label: 'controls:common.visible', group: 'behaviour', default: true, bindable: true },
  };
  if (control.bind === undefined) return common;
  return {
    field: { kind: 'field', kinds: control.bind.kinds, label: 'controls:common.field', group: 'data' },
    ...common,
    disabled: { kind: 'boolean', label: 'controls:common.disabled', group: 'behaviour', default: false, bindable: true },
    required: { kind: 'boolean', label: 'controls:common.required', group: 'validation', default: false, bindable: true },
  };
}
