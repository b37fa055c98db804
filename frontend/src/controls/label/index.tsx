import Typography from '@mui/material/Typography';
import TextFieldsIcon from '@mui/icons-material/TextFields';
import { useLanguage } from '@/ui/useLanguage';
import { formatValue } from '@/values/format';
import type { Value } from '@/values/value';
import type { Control, ControlProps } from '../contract';

interface LabelProps {
  text: Value;
  variant: 'body' | 'heading' | 'caption';
}

const variants = { body: 'body1', heading: 'h2', caption: 'caption' } as const;

function Label({ props, value, field }: ControlProps<LabelProps>) {
  const language = useLanguage();
  const shown = field === undefined ? props.text : (value ?? null);
  return <Typography variant={variants[props.variant]}>{formatValue(shown, language, field)}</Typography>;
}

/** Text on a page: fixed, of an expression, or of a field. */
export const control: Control<LabelProps> = {
  type: 'label',
  title: 'controls:label.title',
  icon: TextFieldsIcon,
  group: 'display',
  schema: {
    text: { kind: 'text', typed: true, multiline: true, label: 'controls:label.text', group: 'content', default: '', bindable: true },
    variant: {
      kind: 'enum',
      label: 'controls:label.variant',
      group: 'style',
      default: 'body',
      options: [
        { value: 'body', label: 'controls:label.body' },
        { value: 'heading', label: 'controls:label.heading' },
        { value: 'caption', label: 'controls:label.caption' },
      ],
    },
  },
  defaults: { text: '', variant: 'body' },
  bind: { kinds: ['string', 'integer', 'number', 'boolean', 'date', 'time', 'datetime', 'uri'] },
  View: Label,
};
