import ArrowDropDownCircleIcon from '@mui/icons-material/ArrowDropDownCircleOutlined';
import type { Control, ControlProps } from '../contract';
import { inputDefaults, inputSchema, placeholderSchema } from '../input/settings';
import { SelectEntry } from './SelectEntry';
import { SelectOption } from './SelectOption';
import type { SelectProps } from './settings';

function Select(control: ControlProps<SelectProps>) {
  return control.field?.type === 'FIELD_TYPE_CATALOG' ? <SelectEntry {...control} /> : <SelectOption {...control} />;
}

/** One of the choices of a field, or one entry of the component that a field refers to. */
export const control: Control<SelectProps> = {
  type: 'select',
  title: 'controls:select.title',
  icon: ArrowDropDownCircleIcon,
  group: 'input',
  schema: { ...inputSchema, ...placeholderSchema },
  defaults: { ...inputDefaults, placeholder: '' },
  bind: { kinds: ['integer', 'catalog'] },
  View: Select,
};
