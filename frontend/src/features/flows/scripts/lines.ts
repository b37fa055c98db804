/** Reads the line of the source that an error message of Python names, such as "ValueError: bad (line 3)"; 0 when it names none. */
export function lineOf(message: string): number {
  const all = [...message.matchAll(/\bline (\d+)/g)];
  return Number(all.at(-1)?.[1] ?? 0);
}
