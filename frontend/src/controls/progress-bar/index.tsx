import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import LinearScaleIcon from '@mui/icons-material/LinearScale';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatValue } from '@/values/format';
import { localeOf } from '@/values/locale';
import type { Value } from '@/values/value';
import type { Control, ControlProps } from '../contract';
import { labelOf } from '../input/settings';
import { partOf } from './part';

interface ProgressProps {
  label: string;
  /** Numbers: typed ones are those of JSON, others values of expressions. */
  value: Value | number;
  min: Value | number;
  max: Value | number;
  determinate: boolean;
  show: 'percent' | 'value' | 'nothing';
}

function ProgressBar({ props, value, field, name }: ControlProps<ProgressProps>) {
  const { i18n } = useTranslation();
  const id = useId();
  const shown = field === undefined ? props.value : (value ?? null);
  const part = partOf(shown, props.min, props.max);
  const running = !props.determinate;
  const text = running ? '' : props.show === 'percent' ? percent(part, i18n.language) : props.show === 'value' ? textOf(shown, i18n.language) : '';
  const label = labelOf(props.label, field, name);
  return (
    <Box>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, mb: 0.5 }}>
        <Typography id={id} variant="caption" sx={{ color: 'text.secondary' }}>
          {label}
        </Typography>
        <Typography variant="caption">{text}</Typography>
      </Box>
      <LinearProgress
        aria-labelledby={id}
        variant={running ? 'indeterminate' : 'determinate'}
        {...(!running && { value: Math.round((part ?? 0) * 100) })}
        sx={{ height: 6, borderRadius: 3 }}
      />
    </Box>
  );
}

function percent(part: number | undefined, language: string): string {
  return part === undefined ? '' : new Intl.NumberFormat(localeOf(language), { style: 'percent' }).format(part);
}

function textOf(value: Value | number, language: string): string {
  return typeof value === 'number' ? new Intl.NumberFormat(localeOf(language)).format(value) : formatValue(value, language);
}

/** How far something has come between two bounds, or that it is going on. */
export const control: Control<ProgressProps> = {
  type: 'progress-bar',
  title: 'controls:progress-bar.title',
  icon: LinearScaleIcon,
  group: 'display',
  schema: {
    label: { kind: 'text', label: 'controls:input.label', help: 'controls:input.labelHelp', group: 'content', default: '', bindable: true },
    value: { kind: 'number', label: 'controls:progress-bar.value', group: 'data', default: 0, bindable: true },
    min: { kind: 'number', label: 'controls:progress-bar.min', group: 'data', default: 0, bindable: true },
    max: { kind: 'number', label: 'controls:progress-bar.max', group: 'data', default: 100, bindable: true },
    determinate: { kind: 'boolean', label: 'controls:progress-bar.determinate', group: 'behaviour', default: true, bindable: true },
    show: {
      kind: 'enum',
      label: 'controls:progress-bar.show',
      group: 'style',
      default: 'percent',
      options: [
        { value: 'percent', label: 'controls:progress-bar.percent' },
        { value: 'value', label: 'controls:progress-bar.number' },
        { value: 'nothing', label: 'controls:progress-bar.nothing' },
      ],
    },
  },
  defaults: { label: '', value: 0, min: 0, max: 100, determinate: true, show: 'percent' },
  bind: { kinds: ['number', 'integer'] },
  View: ProgressBar,
};
