import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { Instant, TimeOfDay } from '@/values/value';
import { control as day } from '../day';
import { Problem } from '../input/check';
import { boundOf, readDateTime, readDay, readTime, writeDateTime, writeTime, zoneOf } from '../input/dates';
import { show } from '../input/testing';
import { control as time } from '../time';
import { control } from '.';

const due = { name: 'due', title: 'Due', type: 'FIELD_TYPE_DATETIME' } as const;

it('a typed day and time are those of the time zone here, which is named', async () => {
  const { sent, container } = await show({ controls: [control], fields: [due] });
  const input = screen.getByLabelText<HTMLInputElement>('Due');
  fireEvent.change(input, { target: { value: '2026-07-01T13:05' } });
  expect(sent()).toEqual({ due: new Date(2026, 6, 1, 13, 5).toISOString().replace('.000', '') });
  expect(container.querySelector(`[title="${Intl.DateTimeFormat().resolvedOptions().timeZone}"]`)?.textContent).toBe(
    zoneOf(new Instant('2026-07-01T11:05:00Z'), 'en').short,
  );
  fireEvent.change(input, { target: { value: '' } });
  expect(sent()).toEqual({ due: null });
});

it('shows a stored instant in local time and leaves it as it is', async () => {
  const { form } = await show({ controls: [control], fields: [due], entry: { due: '2026-01-31T23:30:15.123456Z' } });
  const input = screen.getByLabelText<HTMLInputElement>('Due');
  expect(input.value.replace(/\.000$/, '')).toBe(writeDateTime(new Instant('2026-01-31T23:30:15Z'))); // jsdom adds a fraction
  fireEvent.blur(input);
  expect(form.changes()).toEqual({});
});

it('says that a part of a day is not one, and does not send the day before it', async () => {
  const { sent } = await show({ controls: [day], fields: [{ name: 'on', title: 'On', type: 'FIELD_TYPE_DATE' }], entry: { on: '2026-01-31' } });
  const input = screen.getByLabelText<HTMLInputElement>('On');
  Object.defineProperty(input, 'validity', { configurable: true, value: { badInput: true } });
  fireEvent.change(input, { target: { value: '' } });
  fireEvent.blur(input);
  expect(screen.getByText('This is not complete.')).toBeTruthy();
  expect(sent()).toEqual({ on: { unread: '' } });
  Object.defineProperty(input, 'validity', { configurable: true, value: { badInput: false } });
  fireEvent.change(input, { target: { value: '2026-02-01' } });
  expect(sent()).toEqual({ on: '2026-02-01' });
  expect(screen.queryByText('This is not complete.')).toBeNull();
});

it('holds bounds', async () => {
  const { sent } = await show({ controls: [day], fields: [{ name: 'on', title: 'On', type: 'FIELD_TYPE_DATE' }], props: { min: '2026-01-31' } });
  const input = screen.getByLabelText<HTMLInputElement>('On');
  fireEvent.change(input, { target: { value: '2026-01-30' } });
  fireEvent.blur(input);
  expect(screen.getByText('At least Jan 31, 2026 is expected.')).toBeTruthy();
  expect([input.value, sent()]).toEqual(['2026-01-30', { on: { unread: '2026-01-30' } }]);
  fireEvent.change(input, { target: { value: '2026-01-31' } });
  expect(sent()).toEqual({ on: '2026-01-31' });
});

it('forgets a part of a day that was taken back', async () => {
  const { form, sent } = await show({ controls: [day], fields: [{ name: 'on', title: 'On', type: 'FIELD_TYPE_DATE' }] });
  const input = screen.getByLabelText<HTMLInputElement>('On');
  Object.defineProperty(input, 'validity', { configurable: true, value: { badInput: true } });
  fireEvent.blur(input);
  expect(form.read('on').value).toEqual({ unread: '' });
  Object.defineProperty(input, 'validity', { configurable: true, value: { badInput: false } });
  fireEvent.blur(input);
  expect(sent()).toEqual({ on: null });
});

it('a required day that is not there', async () => {
  await show({ controls: [day], fields: [{ name: 'on', title: 'On', type: 'FIELD_TYPE_DATE', required: true }], language: 'de' });
  await userEvent.click(screen.getByLabelText(/^On/));
  await userEvent.tab();
  expect(screen.getByText('Dieses Feld ist Pflicht.')).toBeTruthy();
});

it('a time has no zone', async () => {
  const { sent } = await show({ controls: [time], fields: [{ name: 'at', title: 'At', type: 'FIELD_TYPE_TIME' }] });
  fireEvent.change(screen.getByLabelText('At'), { target: { value: '09:30' } });
  expect(sent()).toEqual({ at: '09:30:00' });
});

describe('texts', () => {
  it.each(['2023-02-29', '12026-01-01', '31.1.2026'])('%s is no day', (text) => {
    expect(readDay(text)).toBeInstanceOf(Problem);
  });

  it.each(['24:00', '9:30', '12:60'])('%s is no time', (text) => {
    expect(readTime(text)).toBeInstanceOf(Problem);
  });

  it.each(['2026-01-31', '2026-02-30T10:00', '2026-01-31T25:00', 'soon'])('%s is no day with a time', (text) => {
    expect(readDateTime(text)).toBeInstanceOf(Problem);
  });

  it('seconds are shown when there are any', () => {
    expect([new TimeOfDay('13:05:00'), new TimeOfDay('13:05:09.5')].map(writeTime)).toEqual(['13:05', '13:05:09']);
  });

  it('a bound may be typed or be a value', () => {
    const instant = new Instant('2026-01-31T12:00:00Z');
    expect(boundOf(instant, readDateTime, writeDateTime)).toBe(writeDateTime(instant));
    expect(boundOf('2026-01-31T12:00:00Z', readDateTime, writeDateTime)).toBe(writeDateTime(instant));
    expect(boundOf('sometime', readDateTime, writeDateTime)).toBe('');
  });
});
