import MuiCheckbox from '@mui/material/Checkbox';
import CheckBoxIcon from '@mui/icons-material/CheckBoxOutlined';
import type { Control, ControlProps } from '../contract';
import { Toggle } from '../input/Toggle';
import { type InputProps, inputDefaults, inputSchema } from '../input/settings';

function Checkbox(control: ControlProps<InputProps>) {
  return <Toggle control={control} Part={MuiCheckbox} />;
}

/** Yes or no, as a box to tick. */
export const control: Control<InputProps> = {
  type: 'checkbox',
  title: 'controls:checkbox.title',
  icon: CheckBoxIcon,
  group: 'input',
  schema: inputSchema,
  defaults: inputDefaults,
  bind: { kinds: ['boolean'] },
  View: Checkbox,
};
