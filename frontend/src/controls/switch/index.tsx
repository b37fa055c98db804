import MuiSwitch from '@mui/material/Switch';
import ToggleOnIcon from '@mui/icons-material/ToggleOnOutlined';
import type { Control, ControlProps } from '../contract';
import { Toggle } from '../input/Toggle';
import { type InputProps, inputDefaults, inputSchema } from '../input/settings';

function Switch(control: ControlProps<InputProps>) {
  return <Toggle control={control} Part={MuiSwitch} />;
}

/** Yes or no, as something to switch on. */
export const control: Control<InputProps> = {
  type: 'switch',
  title: 'controls:switch.title',
  icon: ToggleOnIcon,
  group: 'input',
  schema: inputSchema,
  defaults: inputDefaults,
  bind: { kinds: ['boolean'] },
  View: Switch,
};
