import type { Field } from '@/api';
import type { PropSchema } from '../contract';

/** InputProps are the settings of every control that people fill in. */
export interface InputProps {
  /** Empty takes the title of the field. */
  label: string;
  /** A line below, as long as nothing is wrong. */
  help: string;
}

export const inputSchema: PropSchema<InputProps> = {
  label: { kind: 'text', label: 'controls:input.label', help: 'controls:input.labelHelp', group: 'content', default: '', bindable: true },
  help: { kind: 'text', label: 'controls:input.help', group: 'content', default: '', bindable: true },
};

export const inputDefaults: InputProps = { label: '', help: '' };

/** PlaceholderProps are those of inputs that show a hint while they are empty. */
export interface PlaceholderProps {
  placeholder: string;
}

export const placeholderSchema: PropSchema<PlaceholderProps> = {
  placeholder: { kind: 'text', label: 'controls:input.placeholder', group: 'content', default: '', bindable: true },
};

/** The label of an input: its own, else that of its field, else the name that its author gave it. */
export function labelOf(label: string, field: Field | undefined, name: string): string {
  return label || field?.title || field?.name || name;
}
