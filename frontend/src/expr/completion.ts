import type { Env } from './env';
import { isIdentifier } from './parser';
import { checkedText } from './unify';
import { functions, macros, type Overload } from './signatures';
import { typeText } from './type';

/** Offer is a word that may stand at the cursor. */
export interface Offer {
  readonly label: string;
  /** What is put there. */
  readonly text: string;
  /** Higher ones come first: names of the model, in its order. */
  readonly rank: number;
  /** Its type, or what it takes and gives. */
  readonly detail: string;
}

/** Offers are the words that may stand at the cursor, and where the present one starts. */
export interface Offers {
  readonly from: number;
  readonly offers: readonly Offer[];
}

const chain = String.raw`[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|${'`'}[^${'`'}]+${'`'})|\[\d+\])*`;
const afterDot = new RegExp(`(${chain})\\.(${'`'}?\\w*)$`);
const word = /(?:^|[^\w.'"`])([A-Za-z_]\w*)$/;

/** What may be written at a place of a text, in code units: fields and methods after a dot, else variables and functions. */
export function offersAt(env: Env, text: string, at: number): Offers | undefined {
  const before = text.slice(0, at);
  if (isQuoted(before)) return undefined;
  const member = afterDot.exec(before);
  if (member !== null) {
    const [, operand = '', begun = ''] = member;
    return { from: at - begun.length, offers: members(env, outOfLoop(before, operand)) };
  }
  const begun = word.exec(before)?.[1] ?? '';
  if (begun === '' && /[\w.)\]'"`]$/.test(before)) return undefined;
  return { from: at - begun.length, offers: names(env) };
}

/** Whether the end of a text is within quotes, where nothing is offered. */
function isQuoted(before: string): boolean {
  let quote = '';
  for (let i = 0; i < before.length; i++) {
    const char = before.charAt(i);
    if (quote === '') quote = char === "'" || char === '"' ? char : '';
    else if (char === '\\') i++;
    else if (char === quote) quote = '';
  }
  return quote !== '';
}

/** A loop variable stands for an item of the list that it goes over: in "rows.map(r, r.", r is rows[0]. */
function outOfLoop(before: string, operand: string): string {
  const [name = ''] = /^\w+/.exec(operand) ?? [];
  const loops = [...before.matchAll(new RegExp(`(${chain})\\.(?:${macros.join('|')})\\(\\s*${name}\\s*,`, 'g'))];
  const list = loops.at(-1)?.[1];
  return list === undefined ? operand : `${list}[0]${operand.slice(name.length)}`;
}

function members(env: Env, operand: string): readonly Offer[] {
  const type = env.typeOf(operand);
  if (type === undefined) return [];
  const fields = env.fieldsOf(operand).map(
    (field, i): Offer => ({
      label: field.name,
      text: isIdentifier(field.name) ? field.name : `\`${field.name}\``,
      rank: Math.max(50 - i, 1),
      detail: typeText(field.type),
    }),
  );
  const kind = type.kind;
  const methods = [...functions].flatMap(([name, overloads]) => {
    const own = overloads.filter(({ member, args: [target] }) => member && (kind === 'any' || target?.kind === kind || target?.kind === 'var'));
    return own.length === 0 ? [] : [functionOffer(name, own)];
  });
  const loops = kind === 'list' || kind === 'map' || kind === 'any' ? macros.map((name): Offer => ({ label: name, text: `${name}(`, rank: 0, detail: 'x, …' })) : [];
  return [...fields, ...loops, ...methods];
}

function names(env: Env): readonly Offer[] {
  const variables = env.model.variables.map(({ name, type }): Offer => ({ label: name, text: name, rank: 50, detail: typeText(type) }));
  const plain = [...functions].flatMap(([name, overloads]) => {
    const own = overloads.filter(({ member }) => !member);
    return own.length === 0 || !isIdentifier(name) ? [] : [functionOffer(name, own)];
  });
  return [...variables, ...plain, { label: 'has', text: 'has(', rank: 0, detail: 'x.field → bool' }];
}

function functionOffer(name: string, overloads: readonly Overload[]): Offer {
  const [first] = overloads;
  const args = (first?.args ?? []).slice(first?.member === true ? 1 : 0).map(checkedText);
  const none = overloads.every((one) => one.args.length === (one.member ? 1 : 0));
  const more = overloads.length > 1 ? ' …' : '';
  return {
    label: name,
    text: none ? `${name}()` : `${name}(`,
    rank: 0,
    detail: `(${args.join(', ')}) → ${first === undefined ? '' : checkedText(first.result)}${more}`,
  };
}
