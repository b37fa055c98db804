import TodayIcon from '@mui/icons-material/TodayOutlined';
import type { Control, ControlProps } from '../contract';
import { DateInput, type DateProps, dateDefaults, dateSchema } from '../input/DateInput';
import { readDay, writeDay } from '../input/dates';

function DayInput(control: ControlProps<DateProps>) {
  return <DateInput control={control} type="date" read={readDay} write={writeDay} last="9999-12-31" />;
}

/** A day of the calendar, the same in every time zone. */
export const control: Control<DateProps> = {
  type: 'day',
  title: 'controls:day.title',
  icon: TodayIcon,
  group: 'input',
  schema: dateSchema,
  defaults: dateDefaults,
  bind: { kinds: ['date'] },
  View: DayInput,
};
