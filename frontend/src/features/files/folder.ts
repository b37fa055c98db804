/** Where the page of a folder is; empty for the outermost. */
export function addressOf(folder: string): string {
  return folder === '' ? '/files' : `/files?folder=${encodeURIComponent(folder)}`;
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of a folder within another. */
export function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** A path as people type it, with slashes and spaces that mean nothing left out. */
export function tidy(path: string): string {
  return path
    .split('/')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .join('/');
}
