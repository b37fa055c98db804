import TextField from '@mui/material/TextField';
import { useEffect, useState } from 'react';

interface TextInputProps {
  id?: string | undefined;
  label?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  multiline?: boolean | undefined;
  maxLength?: number | undefined;
  mono?: boolean | undefined;
  placeholder?: string | undefined;
  list?: string | undefined;
}

/** A text of the property panel. Its label stands outside of it (by id), or is for screen readers alone. */
export function TextInput({ id, label, value, onChange, multiline = false, maxLength, mono = false, placeholder, list }: TextInputProps) {
  return (
    <TextField
      value={value}
      onChange={(event) => onChange(event.target.value)}
      multiline={multiline}
      {...(multiline && { minRows: 2, maxRows: 10 })}
      {...(id !== undefined && { id })}
      {...(placeholder !== undefined && { placeholder })}
      slotProps={{
        htmlInput: { 'aria-label': label, maxLength, list, spellCheck: !mono },
        input: { sx: { fontSize: '0.8125rem', ...(mono && { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', lineHeight: 1.6 }) } },
      }}
    />
  );
}

interface NumberInputProps {
  id?: string | undefined;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
}

/** A number; what is no number within the bounds is shown as wrong and not taken. */
export function NumberInput({ id, value, onChange, min, max, step }: NumberInputProps) {
  const [typed, setTyped] = useState(value?.toString() ?? '');
  useEffect(() => setTyped((before) => (numberOf(before) === value ? before : (value?.toString() ?? ''))), [value]);
  const ok = (number: number | undefined) =>
    number === undefined || (Number.isFinite(number) && (min === undefined || number >= min) && (max === undefined || number <= max));
  return (
    <TextField
      type="number"
      value={typed}
      error={!ok(numberOf(typed))}
      onChange={(event) => {
        setTyped(event.target.value);
        const number = numberOf(event.target.value);
        if (ok(number)) onChange(number);
      }}
      {...(id !== undefined && { id })}
      slotProps={{ htmlInput: { min, max, step }, input: { sx: { fontSize: '0.8125rem' } } }}
    />
  );
}

function numberOf(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text);
}

/** Option is a choice; its value is what the document says. */
export interface Option {
  value: string;
  label: string;
}

interface ChoiceProps {
  id?: string | undefined;
  label?: string | undefined;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  /** What the empty choice is called; there is none without. */
  none?: string | undefined;
  /** What to say of a value that is no option, such as a field that is gone. */
  unknown?: string | undefined;
}

/** One of several. A value that is none of them stays, and is marked. */
export function Choice({ id, label, value, options, onChange, none, unknown }: ChoiceProps) {
  const known = value === '' || options.some((option) => option.value === value);
  return (
    <TextField
      select
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={!known}
      helperText={known ? undefined : unknown}
      {...(id !== undefined && { id })}
      slotProps={{ select: { native: true }, htmlInput: { 'aria-label': label }, input: { sx: { fontSize: '0.8125rem' } } }}
    >
      {(none !== undefined || value === '') && <option value="">{none}</option>}
      {!known && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </TextField>
  );
}
