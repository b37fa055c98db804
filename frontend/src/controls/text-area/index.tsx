import NotesIcon from '@mui/icons-material/Notes';
import type { Control, ControlProps } from '../contract';
import { type InputProps, inputDefaults, inputSchema, type PlaceholderProps, placeholderSchema } from '../input/settings';
import { readText, writeText } from '../input/text';
import { TypedInput } from '../input/TypedInput';

type TextAreaProps = InputProps & PlaceholderProps & { minRows: number; maxRows: number };

function TextArea(control: ControlProps<TextAreaProps>) {
  const { placeholder, minRows, maxRows } = control.props;
  const least = rows(minRows, 3);
  return (
    <TypedInput
      control={control}
      read={readText}
      write={writeText}
      placeholder={placeholder}
      multiline={{ minRows: least, maxRows: Math.max(least, rows(maxRows, 12)) }}
    />
  );
}

function rows(count: number, usual: number): number {
  return Number.isInteger(count) && count >= 1 && count <= 100 ? count : usual;
}

/** Several lines of text; it grows with them. */
export const control: Control<TextAreaProps> = {
  type: 'text-area',
  title: 'controls:text-area.title',
  icon: NotesIcon,
  group: 'input',
  schema: {
    ...inputSchema,
    ...placeholderSchema,
    minRows: { kind: 'number', min: 1, max: 100, label: 'controls:text-area.minRows', group: 'layout', default: 3 },
    maxRows: { kind: 'number', min: 1, max: 100, label: 'controls:text-area.maxRows', group: 'layout', default: 12 },
  },
  defaults: { ...inputDefaults, placeholder: '', minRows: 3, maxRows: 12 },
  bind: { kinds: ['string'] },
  View: TextArea,
};
