import Autocomplete from '@mui/material/Autocomplete';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json } from '@/values/json';
import { readLoose, writeLoose } from './loose';

/** What every field of a setting needs. */
export interface FieldProps<V = Json | undefined> {
  label: string;
  value: V;
  onChange: (value: V | undefined) => void;
  help?: string | undefined;
  /** What the check found wrong. */
  error?: string | undefined;
  required?: boolean;
}

const code = { htmlInput: { spellCheck: false } };
const mono = { '& textarea, & input': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', lineHeight: 1.5 } };

function common({ label, error, help, required = false }: Omit<FieldProps, 'value' | 'onChange'>) {
  return { label, required, error: error !== undefined, helperText: error ?? help };
}

/** A line of text; empty is absent. */
export function TextLine({ value, onChange, multiline = false, ...rest }: FieldProps<string> & { multiline?: boolean }) {
  return <TextField {...common(rest)} value={value} multiline={multiline} onChange={(event) => onChange(event.target.value || undefined)} />;
}

/** A CEL expression. */
export function Expression({ value, onChange, ...rest }: FieldProps<string>) {
  return <TextField {...common(rest)} value={value} multiline maxRows={8} sx={mono} slotProps={code} onChange={(event) => onChange(event.target.value || undefined)} />;
}

/** A whole number. What is not one is said at once and is not taken over. */
export function Whole({ value, onChange, ...rest }: FieldProps) {
  const { t } = useTranslation('flows');
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (value === undefined || value === null ? '' : String(value));
  const bad = !/^-?\d{0,15}$/.test(shown) || shown === '-';
  return (
    <TextField
      {...common({ ...rest, error: bad ? t('field.whole') : rest.error })}
      value={shown}
      slotProps={{ htmlInput: { inputMode: 'numeric' } }}
      onBlur={() => !bad && setTyped(undefined)}
      onChange={(event) => {
        const next = event.target.value.trim();
        setTyped(next);
        if (/^-?\d{1,15}$/.test(next)) onChange(Number(next));
        if (next === '') onChange(undefined);
      }}
    />
  );
}

/** Yes or no; absent means `standard`. */
export function YesNo({ label, value, onChange, help, error, standard }: FieldProps & { standard: boolean }) {
  return (
    <Box>
      <FormControlLabel
        control={<Switch size="small" checked={typeof value === 'boolean' ? value : standard} onChange={(_, on) => onChange(on === standard ? undefined : on)} />}
        label={label}
        slotProps={{ typography: { variant: 'body2' } }}
        sx={{ ml: -0.5 }}
      />
      {(error ?? help) && <FormHelperText error={error !== undefined}>{error ?? help}</FormHelperText>}
    </Box>
  );
}

/** One of a few. An empty id stands for what happens when nothing is chosen. */
export function OneOf({ value, onChange, choices, none, ...rest }: FieldProps<string> & { choices: readonly { id: string; title: string }[]; none?: string | undefined }) {
  const known = value === '' || choices.some((choice) => choice.id === value);
  return (
    <TextField
      {...common(rest)}
      select
      value={value}
      onChange={(event) => onChange(event.target.value || undefined)}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">{none ?? '–'}</MenuItem>
      {choices.map((choice) => (
        <MenuItem key={choice.id} value={choice.id}>
          {choice.title}
        </MenuItem>
      ))}
      {!known && <MenuItem value={value}>{value}</MenuItem>}
    </TextField>
  );
}

/** A name, with those that there are offered. */
export function Name({ value, onChange, names, ...rest }: FieldProps<string> & { names: readonly string[] }) {
  return (
    <Autocomplete
      freeSolo
      size="small"
      options={[...names]}
      inputValue={value}
      value={value}
      onInputChange={(_, next, why) => why !== 'reset' && onChange(next || undefined)}
      onChange={(_, next) => onChange(next || undefined)}
      renderInput={(params) => <TextField {...params} {...common(rest)} sx={mono} />}
    />
  );
}

/** A list of names or texts. */
export function Names({ value, onChange, names, ...rest }: FieldProps<readonly string[]> & { names: readonly string[] }) {
  const { t } = useTranslation('flows');
  const help = rest.error ?? rest.help ?? t('field.enter');
  return (
    <Autocomplete
      multiple
      freeSolo
      size="small"
      autoSelect
      options={names.filter((name) => !value.includes(name))}
      value={[...value]}
      onChange={(_, next) => onChange(next.length === 0 ? undefined : next)}
      renderInput={(params) => <TextField {...params} {...common({ ...rest, help })} required={false} />}
    />
  );
}

/** Any JSON, or a text: see loose.ts. What cannot be read is said and not taken over. */
export function Loose({ value, onChange, rows = 1, ...rest }: FieldProps & { rows?: number }) {
  const { t } = useTranslation('flows');
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState(false);
  return (
    <TextField
      {...common({ ...rest, error: problem ? t('field.json') : rest.error })}
      value={typed ?? writeLoose(value)}
      multiline
      minRows={rows}
      maxRows={16}
      sx={mono}
      slotProps={code}
      onBlur={() => !problem && setTyped(undefined)}
      onChange={(event) => {
        const text = event.target.value;
        setTyped(text);
        try {
          onChange(readLoose(text));
          setProblem(false);
        } catch {
          setProblem(true);
        }
      }}
    />
  );
}

/** A name that must fit others, so it is taken over when the field is left or Enter is pressed. */
export function Settled({ label, value, onChange, help, taken }: FieldProps<string> & { taken: (name: string) => string | undefined }) {
  const [typed, setTyped] = useState<string>();
  const error = typed === undefined || typed === value ? undefined : taken(typed);
  const settle = () => {
    if (typed !== undefined && typed !== value && error === undefined) onChange(typed);
    setTyped(undefined);
  };
  return (
    <TextField
      label={label}
      value={typed ?? value}
      error={error !== undefined}
      helperText={error ?? help}
      sx={mono}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

/** A group of fields under a heading. */
export function Group({ title, help, error, children }: { title: string; help?: string | undefined; error?: string | undefined; children: ReactNode }) {
  const id = useId();
  return (
    <Box role="group" aria-labelledby={id} sx={{ display: 'grid', gap: 1 }}>
      <Box id={id} sx={{ fontSize: '0.75rem', fontWeight: 600, color: error === undefined ? 'text.secondary' : 'error.main' }}>
        {title}
      </Box>
      {children}
      {(error ?? help) && (
        <FormHelperText error={error !== undefined} sx={{ mt: 0 }}>
          {error ?? help}
        </FormHelperText>
      )}
    </Box>
  );
}
