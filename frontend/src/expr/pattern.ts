import { RE2JS } from '@bufbuild/re2';

/** Limits of the server: of the text of a pattern, of its program, and of the work of one match. */
const maxPattern = 1000;
const maxProgram = 1000;
const maxWork = 1_000_000;

const kept = new Map<string, RE2JS | string>();

/** Compiles a regular expression of RE2's syntax, or says what is wrong with it. */
function compile(text: string): RE2JS | string {
  if (new TextEncoder().encode(text).length > maxPattern) return `a regular expression may have ${maxPattern} bytes at most`;
  try {
    const compiled = RE2JS.compile(text);
    return compiled.re2().prog.numInst() > maxProgram ? 'the regular expression is too large' : compiled;
  } catch (error) {
    return `invalid regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function compiled(text: string): RE2JS | string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (kept.size >= 200) kept.clear();
  const fresh = compile(text);
  kept.set(text, fresh);
  return fresh;
}

/** What is wrong with a pattern. */
export function patternProblem(text: string): string | undefined {
  const pattern = compiled(text);
  return typeof pattern === 'string' ? pattern : undefined;
}

/** Finds a pattern anywhere in a text. */
export function matches(text: string, pattern: string): boolean | 'too much' | { problem: string } {
  const found = compiled(pattern);
  if (typeof found === 'string') return { problem: found };
  if (new TextEncoder().encode(text).length * found.re2().prog.numInst() > maxWork) return 'too much';
  return found.test(text);
}
