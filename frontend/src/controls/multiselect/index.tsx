import Autocomplete from '@mui/material/Autocomplete';
import Chip from '@mui/material/Chip';
import type { PopperProps } from '@mui/material/Popper';
import TextField from '@mui/material/TextField';
import ChecklistIcon from '@mui/icons-material/Checklist';
import { type Ref, useCallback, useEffect, useMemo, useRef } from 'react';
import { Reference, type Value } from '@/values/value';
import type { Control, ControlProps } from '../contract';
import { type InputProps, inputDefaults, inputSchema, labelOf, type PlaceholderProps, placeholderSchema } from '../input/settings';
import { type EntryOption, useEntryName, useEntryOptions } from '../input/useEntryOptions';
import { useProblem } from '../input/useProblem';

type MultiselectProps = InputProps & PlaceholderProps;
type Popper = NonNullable<PopperProps['popperRef']> extends Ref<infer Instance> ? Instance : never;

function Multiselect(control: ControlProps<MultiselectProps>) {
  const { field, props, value, setValue, name } = control;
  const { error, below, fixed, leave } = useProblem(control);
  const component = field?.array?.component ?? '';
  const { list } = useEntryOptions(component);
  const chosen = useMemo(() => optionsOf(value), [value]);
  const popper = useRef<Popper>(null);
  // The input grows with what is chosen; the open list must not stay over it.
  const place = useCallback(() => void popper.current?.update(), []);
  useEffect(place, [chosen, place]);
  return (
    <Autocomplete
      {...list}
      slotProps={{ ...list.slotProps, popper: { popperRef: popper } }}
      multiple
      value={chosen}
      onChange={(_, options) => setValue(options.length === 0 ? null : options.map(({ id }) => new Reference(id)))}
      disabled={fixed}
      renderValue={(options, getItemProps) =>
        options.map(({ id }, index) => {
          const { key, ...rest } = getItemProps({ index });
          return <Chip key={key} {...rest} label={<EntryName component={component} id={id} onKnown={place} />} />;
        })
      }
      renderInput={(params) => (
        <TextField
          {...params}
          label={labelOf(props.label, field, name)}
          placeholder={chosen.length === 0 ? props.placeholder : ''}
          required={control.required}
          error={error}
          helperText={below || undefined}
          onBlur={leave}
        />
      )}
    />
  );
}

function EntryName({ component, id, onKnown }: { component: string; id: string; onKnown: () => void }) {
  const name = useEntryName(component, id);
  useEffect(onKnown, [name, onKnown]);
  return name ?? '…';
}

function optionsOf(value: Value | undefined): EntryOption[] {
  return Array.isArray(value) ? value.flatMap((item: Value) => (item instanceof Reference ? [{ id: item.id, label: undefined }] : [])) : [];
}

/** Several entries of the component that a field refers to. */
export const control: Control<MultiselectProps> = {
  type: 'multiselect',
  title: 'controls:multiselect.title',
  icon: ChecklistIcon,
  group: 'input',
  schema: { ...inputSchema, ...placeholderSchema },
  defaults: { ...inputDefaults, placeholder: '' },
  bind: { kinds: ['array'] },
  View: Multiselect,
};
