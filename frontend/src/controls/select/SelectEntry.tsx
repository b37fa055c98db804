import Autocomplete from '@mui/material/Autocomplete';
import TextField from '@mui/material/TextField';
import { useMemo } from 'react';
import { Reference } from '@/values/value';
import type { ControlProps } from '../contract';
import { labelOf } from '../input/settings';
import { useEntryName, useEntryOptions } from '../input/useEntryOptions';
import { useProblem } from '../input/useProblem';
import type { SelectProps } from './settings';

/** Chooses the entry that a field refers to. */
export function SelectEntry(control: ControlProps<SelectProps>) {
  const { field, props, value, setValue, name } = control;
  const { error, below, fixed, leave } = useProblem(control);
  const component = field?.catalog?.component ?? '';
  const { list, close } = useEntryOptions(component);
  const id = value instanceof Reference ? value.id : undefined;
  const label = useEntryName(component, id);
  const chosen = useMemo(() => (id === undefined ? null : { id, label }), [id, label]);
  return (
    <Autocomplete
      {...list}
      value={chosen}
      onChange={(_, option) => {
        setValue(option === null ? null : new Reference(option.id));
        close();
      }}
      disabled={fixed}
      renderInput={(params) => (
        <TextField
          {...params}
          label={labelOf(props.label, field, name)}
          placeholder={props.placeholder}
          required={control.required}
          error={error}
          helperText={below || undefined}
          onBlur={leave}
        />
      )}
    />
  );
}
