const key = 'aqtra-preview';

/** The preview that this tab acts in, or null for what is live. */
export const currentPreview = (): string | null => sessionStorage.getItem(key);

/** Keeps the preview that the address names for as long as the tab lives, and takes it out of the address. */
export function enterPreview(): void {
  const url = new URL(location.href);
  const preview = url.searchParams.get('preview');
  if (preview === null || !/^prv-[0-9a-f]{16}$/.test(preview)) return;
  sessionStorage.setItem(key, preview);
  url.searchParams.delete('preview');
  history.replaceState(history.state, '', url);
}

/** From here on the tab acts in what is live; whatever was read before is stale. */
export function leavePreview(): void {
  sessionStorage.removeItem(key);
  location.assign('/work');
}
