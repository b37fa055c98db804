import { isObject, type Json, type JsonObject } from '@/values/json';

/** Answer is one of those that a question has. */
export interface Answer {
  value: Json;
  label: string;
}

/** The answers that a setting lists; undefined when it is no list of them, such as an expression. */
export function answersOf(setting: Json | undefined): readonly Answer[] | undefined {
  if (setting === undefined || setting === null) return [];
  if (!Array.isArray(setting)) return undefined;
  const answers = setting.map((one: Json) => (isObject(one) && isAnswer(one) ? { value: one.value ?? '', label: typeof one.label === 'string' ? one.label : '' } : undefined));
  return answers.every((one) => one !== undefined) ? answers : undefined;
}

function isAnswer(one: JsonObject): boolean {
  const known = Object.keys(one).every((name) => name === 'value' || name === 'label');
  return known && !isObject(one.value) && !Array.isArray(one.value) && (one.label === undefined || typeof one.label === 'string');
}

/** The field whose values a setting offers. */
export function fieldOf(setting: Json | undefined): string | undefined {
  return isObject(setting) && typeof setting.field === 'string' && Object.keys(setting).length === 1 ? setting.field : undefined;
}

/** Another answer, whose value none of the others has. */
export function anotherAnswer(answers: readonly Answer[]): Answer {
  for (let n = answers.length + 1; ; n++) if (!answers.some(({ value }) => String(value) === String(n))) return { value: n, label: '' };
}

const whole = /^-?(0|[1-9]\d{0,14})$/;

/** What a person types as the value of an answer: whole numbers are numbers, all else is a text. */
export function readAnswer(typed: string): Json {
  return whole.test(typed) ? Number(typed) : typed;
}
