/**
 * How dates and numbers are written in a language of ours: as in the region that the browser speaks it in, such as "de-AT" or "en-GB";
 * in a language that it does not name, as in its own region. Without any region, as in the language's main one.
 */
export function localeOf(language: string, wanted: readonly string[] = navigator.languages): string {
  const known = wanted.flatMap(read);
  const same = known.filter((one) => one.language === language);
  const region = (same.length > 0 ? same : known).find((one) => one.region !== undefined)?.region;
  return region === undefined ? language : `${language}-${region}`;
}

/** Some systems give names that are none, such as "en-US@posix". */
function read(tag: string): Intl.Locale[] {
  try {
    return [new Intl.Locale(tag)];
  } catch {
    return [];
  }
}
