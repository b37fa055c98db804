import { expect, it } from 'vitest';
import { commandsOf } from './commands';

it.each([
  [{ type: 'set', fields: { a: 1 } }, { type: 'set', fields: { a: 1 } }],
  [{ type: 'error', field: 'a', text: 'no' }, { type: 'error', field: 'a', text: 'no' }],
  [{ type: 'error', text: 'no' }, { type: 'error', field: '', text: 'no' }],
  [{ type: 'message', text: 'so' }, { type: 'message', text: 'so', severity: 'success' }],
  [{ type: 'message', text: 'so', severity: 'warning' }, { type: 'message', text: 'so', severity: 'warning' }],
  [{ type: 'refresh' }, { type: 'refresh' }],
  [{ type: 'open-modal', page: 'p' }, { type: 'do', action: { type: 'open-modal', page: 'p' } }],
  [{ type: 'open-modal' }, { type: 'unknown', what: 'open-modal' }],
  [{ type: 'set', fields: 7 }, { type: 'unknown', what: 'set' }],
  ['close', { type: 'unknown', what: '"close"' }],
])('reads %j', (json, command) => {
  expect(commandsOf({ commands: [json] })).toEqual([command]);
});

it.each([[undefined], [null], ['text'], [[]], [{}], [{ commands: 'close' }]])('finds none in %j', (output) => {
  expect(commandsOf(output)).toEqual([]);
});
