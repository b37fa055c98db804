import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useTranslation } from 'react-i18next';
import type { Json } from '@/values/json';
import { type Answer, anotherAnswer, answersOf, fieldOf, readAnswer } from './answers';
import { type FieldProps, Group, Loose, OneOf } from './basic';

interface AnswersProps extends FieldProps {
  /** The enumerations of the component. */
  fields: readonly { id: string; title: string }[];
}

/** The answers of a question: rows of value and label, or the values of a field. An expression stands as it is. */
export function Answers({ label, value, onChange, help, error, fields }: AnswersProps) {
  const { t } = useTranslation('flows');
  const field = fieldOf(value);
  const answers = field === undefined ? answersOf(value) : [];
  if (answers === undefined) return <Loose label={label} value={value} onChange={onChange} help={help} error={error} />;
  const put = (next: readonly Answer[]) => onChange(next.length === 0 ? undefined : next.map(({ value, label }): Json => ({ value, label })));
  const change = (at: number, next: Partial<Answer>) => put(answers.map((one, i) => (i === at ? { ...one, ...next } : one)));
  return (
    <Group title={label} help={help} error={error}>
      {(fields.length > 0 || field !== undefined) && (
        <Box sx={{ mt: 0.5, display: 'grid' }}>
          <OneOf label={t('answers.from')} value={field ?? ''} choices={fields} none={t('answers.own')} onChange={(next) => onChange(next === undefined ? undefined : { field: next })} />
        </Box>
      )}
      {answers.map((one, at) => (
        <Box key={at} role="group" aria-label={t('answers.one', { at: at + 1 })} sx={{ display: 'grid', gridTemplateColumns: '76px 1fr 30px', gap: 0.75, alignItems: 'start', mt: 0.5 }}>
          <TextField label={t('answers.value')} value={String(one.value)} onChange={(event) => change(at, { value: readAnswer(event.target.value) })} slotProps={{ htmlInput: { maxLength: 200, spellCheck: false } }} />
          <TextField label={t('answers.label')} value={one.label} onChange={(event) => change(at, { label: event.target.value })} slotProps={{ htmlInput: { maxLength: 200 } }} />
          <IconButton aria-label={t('removeOne', { name: one.label || String(one.value) })} onClick={() => put(answers.filter((_, i) => i !== at))} sx={{ mt: 0.5 }}>
            <CloseIcon fontSize="small" />
          </IconButton>
        </Box>
      ))}
      {field === undefined && (
        <Box>
          <Button startIcon={<AddIcon />} onClick={() => put([...answers, anotherAnswer(answers)])}>
            {t('answers.add')}
          </Button>
        </Box>
      )}
    </Group>
  );
}
