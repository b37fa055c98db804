import InputAdornment from '@mui/material/InputAdornment';
import NumbersIcon from '@mui/icons-material/Numbers';
import { useLanguage } from '@/ui/useLanguage';
import type { Control, ControlProps } from '../contract';
import { readInteger, readNumber, writeNumber } from '../input/numbers';
import { type InputProps, inputDefaults, inputSchema, type PlaceholderProps, placeholderSchema } from '../input/settings';
import { TypedInput } from '../input/TypedInput';

type NumberProps = InputProps & PlaceholderProps & { unit: string };

function NumberField(control: ControlProps<NumberProps>) {
  const language = useLanguage();
  const { field, props } = control;
  const whole = field?.type === 'FIELD_TYPE_INTEGER';
  const least = whole ? field.integer?.min : field?.number?.min;
  return (
    <TypedInput
      control={control}
      read={(text) => (whole ? readInteger(text, language) : readNumber(text, language))}
      write={(value) => writeNumber(value, language, field?.number?.precision)}
      placeholder={props.placeholder}
      // The keyboard of a phone for numbers has no sign.
      input={{ autoComplete: 'off', ...(least !== undefined && !least.startsWith('-') && least !== '' && { inputMode: whole ? 'numeric' : 'decimal' }) }}
      {...(props.unit !== '' && { end: <InputAdornment position="end" sx={{ maxWidth: '50%', '& p': { overflow: 'hidden', textOverflow: 'ellipsis' } }}>{props.unit}</InputAdornment> })}
    />
  );
}

/** A number, exact to the last digit: what is typed never passes through a number of JavaScript. */
export const control: Control<NumberProps> = {
  type: 'number',
  title: 'controls:number.title',
  icon: NumbersIcon,
  group: 'input',
  schema: {
    ...inputSchema,
    ...placeholderSchema,
    unit: { kind: 'text', maxLength: 20, label: 'controls:number.unit', help: 'controls:number.unitHelp', group: 'content', default: '', bindable: true },
  },
  defaults: { ...inputDefaults, placeholder: '', unit: '' },
  bind: { kinds: ['number', 'integer'] },
  View: NumberField,
};
