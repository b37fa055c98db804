import type { ReactNode } from 'react';
import { useLanguage } from '@/ui/useLanguage';
import { formatValue } from '@/values/format';
import type { Value } from '@/values/value';
import type { ControlProps, PropSchema } from '../contract';
import { Problem } from './check';
import { boundOf, checkBounds } from './dates';
import { type InputProps, inputDefaults, inputSchema } from './settings';
import { TypedInput } from './TypedInput';

/** DateProps are the settings of inputs for days and times. */
export type DateProps = InputProps & {
  /** Text in the form of the wire, or a value of an expression. */
  min: Value;
  max: Value;
};

export const dateSchema: PropSchema<DateProps> = {
  ...inputSchema,
  min: { kind: 'text', typed: true, label: 'controls:input.min', help: 'controls:input.boundHelp', group: 'validation', default: '', bindable: true },
  max: { kind: 'text', typed: true, label: 'controls:input.max', help: 'controls:input.boundHelp', group: 'validation', default: '', bindable: true },
};

export const dateDefaults: DateProps = { ...inputDefaults, min: '', max: '' };

interface DateInputProps {
  control: ControlProps<DateProps>;
  type: 'date' | 'time' | 'datetime-local';
  read: (text: string) => Value | Problem;
  write: (value: Value) => string;
  /** The last that the browser lets be typed: years of five digits are none. */
  last: string;
  end?: ReactNode;
}

/** The browser's own input for a day or a time: it knows the calendar, the keyboard and the phone. */
export function DateInput({ control, type, read, write, last, end }: DateInputProps) {
  const language = useLanguage();
  const bounds = { min: boundOf(control.props.min, read, write), max: boundOf(control.props.max, read, write) };
  const show = (bound: string) => {
    const value = read(bound);
    return value instanceof Problem ? bound : formatValue(value, language);
  };
  return (
    <TypedInput
      control={control}
      type={type}
      read={read}
      write={write}
      verify={(value) => checkBounds(value, write, bounds, show)}
      input={{ max: bounds.max || last, ...(bounds.min !== '' && { min: bounds.min }) }}
      shrink
      {...(end !== undefined && { end })}
    />
  );
}
