import { validate } from '@serverlessworkflow/sdk';
import { CORE_SCHEMA, load } from 'js-yaml';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '@/values/json';
import { newSettings } from './kinds';
import { addUndo } from './tree';

// The package holds the schema that the standard's own project publishes.
const samples = join(import.meta.dirname, '../../../../../services/gateway/internal/samples/data');

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const workflows = readdirSync(samples).flatMap((sample) => {
  const { components } = load(readFileSync(join(samples, sample, 'sample.yaml'), 'utf8'), { schema: CORE_SCHEMA }) as JsonObject;
  return objects(components).flatMap((component) => objects(component.workflows));
});

const head = { document: { dsl: '1.0.3', namespace: 'test', name: 'test', version: '1.0.0' } };

describe("the standard's schema", () => {
  it.each(workflows)('accepts the sample workflow $id', ({ document }) => {
    expect(() => validate('Workflow', document)).not.toThrow();
  });

  it.each(['do', 'set', 'for', 'switch', 'wait', 'raise', 'listen', 'try', 'fork'])('accepts a new task of the kind %s', (type) => {
    const settings = newSettings({ type, group: 'Flow' }, 'invoice', 'inner');
    const drawn = addUndo({ ...head, do: [{ one: settings }] }, 'do/0/one', 'back').document;
    // Values are still to be filled in.
    const filled: unknown = JSON.parse(JSON.stringify(drawn).replaceAll('"set":{}', '"set":{"a":1}'));
    expect(() => validate('Workflow', filled)).not.toThrow();
  });

  it('refuses what it does not know', () => {
    expect(workflows.length).toBeGreaterThan(2);
    expect(() => validate('Workflow', { ...head, do: [{ one: { fork: { branch: [] } } }] })).toThrow();
  });
});
