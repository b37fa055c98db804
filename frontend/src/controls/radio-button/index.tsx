import Button from '@mui/material/Button';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import FormLabel from '@mui/material/FormLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import RadioButtonCheckedIcon from '@mui/icons-material/RadioButtonChecked';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Control, ControlProps } from '../contract';
import { readChoice, shownChoices } from '../input/choices';
import { type InputProps, inputDefaults, inputSchema, labelOf } from '../input/settings';
import { useProblem } from '../input/useProblem';

type RadioProps = InputProps & { orientation: 'vertical' | 'horizontal' };

function RadioButtons(control: ControlProps<RadioProps>) {
  const { field, props, value, setValue, required, name } = control;
  const { t } = useTranslation('controls');
  const { error, below, fixed, leave } = useProblem(control);
  const id = useId();
  const none = value === null || value === undefined;
  return (
    <FormControl error={error} required={required} disabled={fixed} onBlur={leave}>
      <FormLabel id={`${id}-label`} sx={{ fontSize: '0.8125rem' }}>
        {labelOf(props.label, field, name)}
      </FormLabel>
      <RadioGroup
        aria-labelledby={`${id}-label`}
        {...(below !== '' && { 'aria-describedby': `${id}-below` })}
        row={props.orientation === 'horizontal'}
        name={id}
        value={none ? '' : String(value)}
        onChange={(_, choice) => setValue(readChoice(choice))}
        sx={{ alignItems: props.orientation === 'horizontal' ? 'center' : 'flex-start' }}
      >
        {shownChoices(field, value).map((choice) => (
          <FormControlLabel
            key={choice.value}
            value={choice.value}
            label={choice.label}
            control={<Radio size="small" sx={{ py: 0.5 }} />}
            sx={{ '& .MuiFormControlLabel-label': { fontSize: '0.875rem' } }}
          />
        ))}
        {!none && !required && !fixed && (
          <Button size="small" color="inherit" sx={{ color: 'text.secondary', minWidth: 0, px: 0.5 }} onClick={() => setValue(null)}>
            {t('input.clear')}
          </Button>
        )}
      </RadioGroup>
      {below !== '' && (
        <FormHelperText id={`${id}-below`} sx={{ mx: 0 }}>
          {below}
        </FormHelperText>
      )}
    </FormControl>
  );
}

/** One of the choices of a field, all of them seen. */
export const control: Control<RadioProps> = {
  type: 'radio-button',
  title: 'controls:radio-button.title',
  icon: RadioButtonCheckedIcon,
  group: 'input',
  schema: {
    ...inputSchema,
    orientation: {
      kind: 'enum',
      label: 'controls:radio-button.orientation',
      group: 'layout',
      default: 'vertical',
      options: [
        { value: 'vertical', label: 'controls:radio-button.vertical' },
        { value: 'horizontal', label: 'controls:radio-button.horizontal' },
      ],
    },
  },
  defaults: { ...inputDefaults, orientation: 'vertical' },
  bind: { kinds: ['integer'] },
  View: RadioButtons,
};
