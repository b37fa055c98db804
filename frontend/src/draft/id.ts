const letters = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

/** Makes a stable id as the server makes them: a letter and nine letters or digits. Nobody else has it. */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint32Array(10));
  return Array.from(random, (n, i) => {
    const alphabet = i === 0 ? letters : letters + digits;
    return alphabet[n % alphabet.length];
  }).join('');
}

/**
 * Makes a name that is fit for the id of a component or a part from words that a person wrote: "Purchase request" becomes
 * "purchase_request". It begins with a letter and is none of those that are taken; words without any letter or digit give the fallback.
 */
export function nameFrom(words: string, taken: readonly string[] = [], fallback = 'new', most = 40): string {
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[0-9_]+|_+$/g, '');
  const name = (plain === '' ? fallback : plain).slice(0, most).replace(/_+$/, '');
  if (!taken.includes(name)) return name;
  for (let n = 2; ; n++) {
    const next = `${name.slice(0, most - String(n).length - 1)}_${n}`;
    if (!taken.includes(next)) return next;
  }
}
