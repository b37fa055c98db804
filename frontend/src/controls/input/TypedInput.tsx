import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { type FocusEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Value } from '@/values/value';
import { equal } from '@/values/wire';
import type { ControlProps } from '../contract';
import { check, Problem } from './check';
import { type InputProps, labelOf } from './settings';
import { unread, unreadText } from './unread';
import { useLeft } from './useLeft';
import { problemText } from './useProblemText';

interface TypedInputProps {
  control: ControlProps<InputProps>;
  /** What a text says; null when it is empty. */
  read: (text: string) => Value | Problem;
  /** The text of a value. */
  write: (value: Value) => string;
  /** Further bounds, beside those of the field: what they exclude is as if it could not be read. */
  verify?: (value: Value) => Problem | undefined;
  type?: string;
  placeholder?: string;
  multiline?: { minRows: number; maxRows: number };
  /** Attributes of the input element. */
  input?: NonNullable<TextFieldProps['slotProps']>['htmlInput'];
  end?: ReactNode;
  /** For inputs that are never empty to look at, such as those of dates. */
  shrink?: boolean;
}

/**
 * An input for text that stands for a value. A text that cannot be read stays as it was typed and is kept in the form as such, see
 * unread.ts. Nothing is called wrong before the input has been left once.
 */
export function TypedInput({ control, read, write, verify, type = 'text', placeholder, multiline, input, end, shrink }: TypedInputProps) {
  const { field, props, required, disabled, errors, name } = control;
  const { t, i18n } = useTranslation('controls');
  const [typed, setTyped] = useState<string>();
  const [left, markLeft] = useLeft();

  const mean = (text: string): Value | Problem => {
    const said = read(text);
    return said instanceof Problem || said === null ? said : (verify?.(said) ?? said);
  };
  const value = control.value ?? null;
  const kept = unreadText(value);
  const stands = (text: string) => (kept === undefined ? same(read(text), value) : kept === text);
  // What was typed is shown as long as it says the same as the value: "1." and all.
  const text = typed !== undefined && stands(typed) ? typed : (kept ?? write(value));
  const said = mean(text);
  const problem = said instanceof Problem ? said : check(field, required, value);
  const wrong = left && problem !== undefined ? problemText(t, problem, i18n.language) : errors.join(' ');

  const change = (next: string, partial: boolean) => {
    const meant = mean(next);
    setTyped(next);
    control.setValue(partial || meant instanceof Problem ? unread(next) : meant);
  };
  const leave = (event: FocusEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    markLeft();
    // Of a part of a date, whose text is empty, browsers tell by its validity alone.
    const partial = event.target.validity.badInput;
    if (partial !== (kept === '')) change(event.target.value, partial);
    else if (!(said instanceof Problem)) setTyped(undefined);
  };
  return (
    <TextField
      label={labelOf(props.label, field, name)}
      type={type}
      value={text}
      onChange={(event) => change(event.target.value, event.target.validity.badInput)}
      onBlur={leave}
      required={required}
      disabled={disabled || field === undefined} // what is typed would go nowhere
      error={wrong !== ''}
      helperText={wrong || props.help || (field === undefined ? t('input.unbound') : undefined)}
      {...(placeholder !== undefined && placeholder !== '' && { placeholder })}
      {...(multiline && { multiline: true, ...(grows ? growing(multiline) : multiline) })}
      slotProps={{
        ...(input && { htmlInput: input }),
        input: { ...(end !== undefined && { endAdornment: end }), ...(multiline && grows && { inputComponent: 'textarea' }) },
        ...(shrink && { inputLabel: { shrink: true } }),
      }}
    />
  );
}

/** Whether an input can grow by itself; measuring its text is slow where there are many. */
const grows = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

function growing({ minRows, maxRows }: { minRows: number; maxRows: number }): Partial<TextFieldProps> {
  return { rows: minRows, sx: { '& textarea': { fieldSizing: 'content', minHeight: `${minRows}lh`, maxHeight: `${maxRows}lh` } } };
}

function same(said: Value | Problem, value: Value): boolean {
  return !(said instanceof Problem) && equal(said, value);
}
