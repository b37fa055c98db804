import type { Component, Entry, Field, PublishedPage } from '@/api';
import type { Controls } from '@/controls/contract';
import { check, type Problem } from '@/controls/input/check';
import { readDocument, DocumentStore, type PageDocument } from '@/renderer/document';
import { type Entries, PageEvaluator } from '@/renderer/evaluator';
import { EntryForm } from '@/renderer/form';
import type { ModelOf } from '@/renderer/model';
import { type JsonObject } from '@/values/json';
import { systemOf } from '@/values/record';
import { kindOf, type Value, type ValueMap } from '@/values/value';
import { decode, decodeUntyped, MismatchError } from '@/values/wire';
import { Attempts } from './attempts';
import { boundFields } from './bound';

/** What a page is opened with. */
export interface Opening {
  component: NonNullable<Component['id']>;
  page: PublishedPage;
  entry: Entry | undefined;
  params: JsonObject;
  objects: readonly ModelOf[];
  user: ValueMap;
  entries: Entries;
}

/** PageSession is a page while it is open: what was typed, and what its expressions say of that. */
export class PageSession {
  readonly document: PageDocument;
  readonly store: DocumentStore;
  readonly form: EntryForm;
  readonly evaluator: PageEvaluator;
  readonly attempts = new Attempts();

  /** It throws for a page or an entry that cannot be read. */
  constructor({ component, page, entry, params, objects, user, entries }: Opening) {
    const fields = page.model?.fields ?? [];
    this.document = readDocument(page.page?.document);
    this.store = new DocumentStore(this.document);
    this.form = new EntryForm(fields, entry?.fields ?? prefilled(fields, params));
    this.evaluator = new PageEvaluator({
      component,
      objects: [...objects.filter((one) => one.id !== component), { id: component, fields }],
      form: this.form,
      system: entry && systemOf(entry),
      user,
      params: untyped(params),
      entries,
    });
  }

  /** Fills fields in, and returns the names of those that take no such value. */
  put(values: JsonObject): readonly string[] {
    return Object.entries(values).flatMap(([name, json]) => {
      const kind = kindOf(this.form.field(name)?.type);
      if (kind === undefined) return [name];
      try {
        this.form.write(name, decode(json ?? null, kind));
        return [];
      } catch (error) {
        if (error instanceof MismatchError) return [name];
        throw error;
      }
    });
  }

  /**
   * Checks what was typed as the model has it, and shows what is wrong on its field. Only fields that can be seen are checked: the
   * server has the last word on all.
   */
  validate(controls: Controls, textOf: (problem: Problem) => string): boolean {
    let right = true;
    for (const { field, required } of boundFields(this.document, controls, this.evaluator)) {
      const definition = this.form.field(field);
      const problem = check(definition, required || definition?.required === true, this.form.read(field).value);
      this.form.blame(field, problem === undefined ? [] : [textOf(problem)]);
      if (problem !== undefined) right = false;
    }
    return right;
  }
}

/** The parameters that fill fields in. What does not fit its field is left out, as nobody has typed it. */
function prefilled(fields: readonly Field[], params: JsonObject): JsonObject {
  const fitting = fields.filter(({ name = '', type }) => {
    const kind = kindOf(type);
    const json = params[name];
    if (kind === undefined || json === undefined) return false;
    try {
      decode(json, kind);
      return true;
    } catch {
      return false;
    }
  });
  return Object.fromEntries(fitting.map(({ name = '' }) => [name, params[name]]));
}

function untyped(params: JsonObject): ValueMap {
  const members: [string, Value][] = [];
  for (const [name, json] of Object.entries(params)) if (json !== undefined) members.push([name, decodeUntyped(json)]);
  return Object.fromEntries(members);
}
