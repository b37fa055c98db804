interface Size {
  width: number;
  height: number;
}

/** Smallest and largest zoom at which a drawing is shown by itself: the words on a card can be read. */
const readable = 0.75;
const largest = 1;

/** Room around the drawing, in px. */
const room = 24;

/** How a drawing is shown at first: all of it in the middle or, where that would be too small to read, from where it begins. */
export function viewOf(drawn: Size & { x: number; y: number }, surface: Size): { x: number; y: number; zoom: number } {
  const zoom = Math.max(readable, Math.min(largest, zoomToFit(drawn, surface)));
  const place = (from: number, size: number, whole: number) => Math.max((whole - size * zoom) / 2, room) - from * zoom;
  return { zoom, x: place(drawn.x, drawn.width, surface.width), y: place(drawn.y, drawn.height, surface.height) };
}

/** Whether all of a drawing can be shown at once and still be read. */
export function fits(drawn: Size, surface: Size): boolean {
  return zoomToFit(drawn, surface) >= readable;
}

function zoomToFit(drawn: Size, surface: Size): number {
  return Math.min((surface.width - 2 * room) / drawn.width, (surface.height - 2 * room) / drawn.height);
}
