import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * Whether an input was left once, and the function to say so. While the mouse is pressed the answer waits for its release: what it
 * shows moves the page, and the button that is being clicked must not move away under the pointer.
 */
export function useLeft(): readonly [left: boolean, leave: () => void] {
  const [left, setLeft] = useState(false);
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  const leave = useCallback(() => {
    // The pressed element and all that it stands in are active; without a press none is.
    if (document.querySelector(':active') === null) {
      setLeft(true);
      return;
    }
    stop.current?.();
    const released = new AbortController();
    // A timer comes after the click, which follows the release at once.
    const tell = () => {
      released.abort();
      setTimeout(() => setLeft(true));
    };
    for (const event of ['mouseup', 'click', 'dragend', 'pointercancel', 'keyup']) {
      document.addEventListener(event, tell, { capture: true, signal: released.signal });
    }
    stop.current = () => released.abort();
  }, []);
  return [left, leave];
}
