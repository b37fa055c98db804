import InputAdornment from '@mui/material/InputAdornment';
import CalendarMonthIcon from '@mui/icons-material/CalendarMonthOutlined';
import { useLanguage } from '@/ui/useLanguage';
import type { Control, ControlProps } from '../contract';
import { DateInput, type DateProps, dateDefaults, dateSchema } from '../input/DateInput';
import { readDateTime, writeDateTime, zoneOf } from '../input/dates';

function DateTime(control: ControlProps<DateProps>) {
  const language = useLanguage();
  const zone = zoneOf(control.value ?? null, language);
  const end = (
    <InputAdornment position="end" title={zone.name} sx={{ '& p': { fontSize: '0.75rem' } }}>
      {zone.short}
    </InputAdornment>
  );
  return <DateInput control={control} type="datetime-local" read={readDateTime} write={writeDateTime} last="9999-12-31T23:59" end={end} />;
}

/** An instant, shown and typed in the time zone of the browser, which is named. */
export const control: Control<DateProps> = {
  type: 'date-time',
  title: 'controls:date-time.title',
  icon: CalendarMonthIcon,
  group: 'input',
  schema: dateSchema,
  defaults: dateDefaults,
  bind: { kinds: ['datetime'] },
  View: DateTime,
};
