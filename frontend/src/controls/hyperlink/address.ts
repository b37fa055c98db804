const schemes = ['http:', 'https:', 'mailto:', 'tel:'];

/** The address that a link may lead to: an absolute one of a harmless kind, or a path of this site; undefined for anything else. */
export function addressOf(text: string): string | undefined {
  const wanted = text.trim();
  if (/^\/(?![/\\])/.test(wanted)) return wanted;
  if (!URL.canParse(wanted)) return undefined;
  const url = new URL(wanted);
  return schemes.includes(url.protocol) ? url.href : undefined;
}
