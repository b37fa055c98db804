import { isObject } from '@/values/json';
import type { Value } from '@/values/value';

/**
 * What a form holds while the text of an input says nothing of its field's type: no value of any field, so that a record with it is
 * refused rather than stored with what stood there before.
 */
export function unread(text: string): Value {
  return { unread: text };
}

/** The text that could not be read; undefined for every value that a field can have. */
export function unreadText(value: Value | undefined): string | undefined {
  return isObject(value) && typeof value.unread === 'string' ? value.unread : undefined;
}
