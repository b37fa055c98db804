/** Problem is one thing wrong with an expression. */
export interface Problem {
  /** A lower-case sentence for the author, in the words of the server. */
  readonly message: string;
  /** Where it is, counted from 1 in code points; 0 when it concerns the whole expression. */
  readonly line: number;
  readonly column: number;
  /** A name to put in the place of the wrong one. */
  readonly suggestion?: string;
}

/** Writes a problem with its place, as the server does. */
export function problemText({ message, line, column }: Problem): string {
  return line === 0 ? message : `${line}:${column}: ${message}`;
}

/** SyntaxProblem ends the parser at a code point of the text; without one it concerns the whole. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly at?: number,
  ) {
    super(message);
  }
}

/** Lines turns code points of a text into lines and columns. */
export class Lines {
  private readonly starts = [0];

  constructor(points: readonly string[]) {
    points.forEach((point, i) => {
      if (point === '\n') this.starts.push(i + 1);
    });
  }

  problem(at: number | undefined, message: string, suggestion = ''): Problem {
    if (at === undefined) return { message, line: 0, column: 0 };
    let line = this.starts.length - 1;
    while ((this.starts[line] ?? 0) > at) line--;
    const place = { message, line: line + 1, column: at - (this.starts[line] ?? 0) + 1 };
    return suggestion === '' ? place : { ...place, suggestion };
  }
}

/** Adds the nearest of the names to a message when one is near. */
export function didYouMean(message: string, name: string, names: readonly string[]): [message: string, suggestion: string] {
  const suggestion = near(name, names);
  return suggestion === '' ? [message, ''] : [`${message}, did you mean \`${suggestion}\`?`, suggestion];
}

/** The known name that is nearest, letter case aside, or "": about a third of the letters may be wrong, but not all. */
function near(got: string, known: readonly string[]): string {
  const letters = [...got.toLowerCase()];
  if (letters.length > 64) return '';
  let best = '';
  let limit = Math.min(Math.floor(letters.length / 3) + 2, letters.length);
  for (const name of known) {
    const d = distance(letters, [...name.toLowerCase()], limit);
    if (d < limit) [best, limit] = [name, d];
  }
  return best;
}

/** Letters to insert, remove, replace or swap with the next one; the limit when the lengths alone differ by that much. */
function distance(a: readonly string[], b: readonly string[], limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let d = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (before[j - 2] ?? 0) + 1);
      row.push(d);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
