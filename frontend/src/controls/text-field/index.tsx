import ShortTextIcon from '@mui/icons-material/ShortText';
import type { Control, ControlProps } from '../contract';
import { type InputProps, inputDefaults, inputSchema, type PlaceholderProps, placeholderSchema } from '../input/settings';
import { readText, writeText } from '../input/text';
import { TypedInput } from '../input/TypedInput';

type TextFieldProps = InputProps & PlaceholderProps;

function TextField(control: ControlProps<TextFieldProps>) {
  const address = control.field?.type === 'FIELD_TYPE_URI';
  return (
    <TypedInput
      control={control}
      read={readText}
      write={writeText}
      placeholder={control.props.placeholder}
      {...(address && { input: { inputMode: 'url', autoCapitalize: 'off', spellCheck: false } })}
    />
  );
}

/** One line of text, or an address. */
export const control: Control<TextFieldProps> = {
  type: 'text-field',
  title: 'controls:text-field.title',
  icon: ShortTextIcon,
  group: 'input',
  schema: { ...inputSchema, ...placeholderSchema },
  defaults: { ...inputDefaults, placeholder: '' },
  bind: { kinds: ['string', 'uri'] },
  View: TextField,
};
