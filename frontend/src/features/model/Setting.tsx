import TextField from '@mui/material/TextField';
import { useState } from 'react';

/** Of the text alone: the notch of the border is as wide as the label in the font of the whole. */
const monospaced = { '& .MuiInputBase-input': { fontFamily: 'var(--aqtra-mono)' } };

interface SettingProps {
  label: string;
  value: string;
  /** What is wrong with a text that would be set; undefined when nothing is. */
  check?: ((text: string) => string | undefined) | undefined;
  /** What the server says about the value. */
  problem?: string | undefined;
  help?: string | undefined;
  most?: number;
  mono?: boolean;
  multiline?: boolean;
  onSet: (text: string) => void;
}

/** A setting that is a text. What is typed is set at once, unless it is wrong: then it stays here with the reason until it is mended. */
export function Setting({ label, value, check, problem, help, most, mono = false, multiline = false, onSet }: SettingProps) {
  const [typed, setTyped] = useState<{ text: string; from: string }>();
  // Undo, or another editor, may have changed the value since.
  const own = typed !== undefined && typed.from === value ? typed.text : undefined;
  const wrong = own === undefined ? undefined : check?.(own);
  const error = wrong ?? problem;
  return (
    <TextField
      label={label}
      value={own ?? value}
      multiline={multiline}
      minRows={multiline ? 2 : 1}
      error={error !== undefined}
      helperText={error ?? help}
      onChange={(e) => {
        const text = e.target.value;
        if (check?.(text) === undefined) {
          setTyped(undefined);
          onSet(text);
        } else setTyped({ text, from: value });
      }}
      onBlur={() => wrong === undefined && setTyped(undefined)}
      slotProps={{ htmlInput: { ...(most !== undefined && { maxLength: most }), ...(mono && { spellCheck: false, autoCapitalize: 'none' }) }, input: { sx: mono ? monospaced : {} } }}
    />
  );
}
