import type { File as StoredFile } from '@/api';

/** The media type of a file without its parameters. */
export function typeOf({ contentType = '' }: StoredFile): string {
  return contentType.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Whether browsers show the file as an image. */
export function isImage(file: StoredFile): boolean {
  return ['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/svg+xml'].includes(typeOf(file));
}

const smallBytes = 2_000_000;

/** Whether the file may be loaded to be shown in a list. */
export function isSmall({ size = '0' }: StoredFile): boolean {
  return Number(size) <= smallBytes;
}
