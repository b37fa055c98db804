import ScheduleIcon from '@mui/icons-material/Schedule';
import type { Control, ControlProps } from '../contract';
import { DateInput, type DateProps, dateDefaults, dateSchema } from '../input/DateInput';
import { readTime, writeTime } from '../input/dates';

function TimeInput(control: ControlProps<DateProps>) {
  return <DateInput control={control} type="time" read={readTime} write={writeTime} last="23:59:59" />;
}

/** A time of day without a zone. */
export const control: Control<DateProps> = {
  type: 'time',
  title: 'controls:time.title',
  icon: ScheduleIcon,
  group: 'input',
  schema: dateSchema,
  defaults: dateDefaults,
  bind: { kinds: ['time'] },
  View: TimeInput,
};
