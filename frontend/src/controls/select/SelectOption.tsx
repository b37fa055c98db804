import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useTranslation } from 'react-i18next';
import type { ControlProps } from '../contract';
import { labelOf } from '../input/settings';
import { readChoice, shownChoices } from '../input/choices';
import { useProblem } from '../input/useProblem';
import type { SelectProps } from './settings';

/** Chooses one value of an enumeration. */
export function SelectOption(control: ControlProps<SelectProps>) {
  const { field, props, value, setValue, required, name } = control;
  const { t } = useTranslation('controls');
  const { error, below, fixed, leave } = useProblem(control);
  const none = value === null || value === undefined;
  return (
    <TextField
      select
      label={labelOf(props.label, field, name)}
      value={none ? '' : String(value)}
      onChange={(event) => setValue(readChoice(event.target.value))}
      onBlur={leave}
      required={required}
      disabled={fixed}
      error={error}
      helperText={below || undefined}
      slotProps={{
        select: {
          displayEmpty: props.placeholder !== '',
          renderValue: none ? () => props.placeholder : undefined,
        },
        ...(props.placeholder !== '' && { inputLabel: { shrink: true } }),
      }}
    >
      {!required && (
        <MenuItem value="" sx={{ color: 'text.secondary' }}>
          {t('select.none')}
        </MenuItem>
      )}
      {shownChoices(field, value).map((choice) => (
        <MenuItem key={choice.value} value={choice.value}>
          {choice.label}
        </MenuItem>
      ))}
    </TextField>
  );
}
