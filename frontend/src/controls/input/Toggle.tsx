import type { CheckboxProps } from '@mui/material/Checkbox';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import type { SwitchProps } from '@mui/material/Switch';
import { type ComponentType, useId } from 'react';
import type { ControlProps } from '../contract';
import { type InputProps, labelOf } from './settings';
import { useProblem } from './useProblem';

type PartProps = Pick<CheckboxProps & SwitchProps, 'size' | 'checked' | 'onChange' | 'onBlur' | 'slotProps'>;

interface ToggleProps {
  control: ControlProps<InputProps>;
  Part: ComponentType<PartProps>;
}

/** A value of yes or no with its label. What was never said looks like no. */
export function Toggle({ control, Part }: ToggleProps) {
  const { field, props, value, setValue, required, name } = control;
  const { error, below, fixed, leave } = useProblem(control);
  const help = useId();
  return (
    <FormControl error={error} required={required} disabled={fixed}>
      <FormControlLabel
        label={labelOf(props.label, field, name)}
        sx={{ '& .MuiFormControlLabel-label': { fontSize: '0.875rem' }, '&:has(.MuiSwitch-root)': { ml: '-5px' } }}
        control={
          <Part
            size="small"
            checked={value === true}
            onChange={(event) => setValue(event.target.checked)}
            onBlur={leave}
            slotProps={{ input: { ...(below !== '' && { 'aria-describedby': help }), ...(error && { 'aria-invalid': true }) } }}
          />
        }
      />
      {below !== '' && (
        <FormHelperText id={help} sx={{ mt: 0, mx: 0 }}>
          {below}
        </FormHelperText>
      )}
    </FormControl>
  );
}
