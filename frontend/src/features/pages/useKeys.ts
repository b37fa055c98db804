import { type RefObject, useEffect } from 'react';
import type { PageEditor } from './editor';
import { stepOf } from './outline/order';

/** Whether keys and the clipboard mean a text, or a part of the screen that is not ours. */
function isElsewhere(target: EventTarget | null, root: HTMLElement | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input, textarea, select, [role=combobox]')) return true;
  return target !== document.body && root?.contains(target) !== true;
}

/** Delete, Ctrl D, the arrows on the canvas, and the clipboard's copy, cut and paste. */
export function useKeys(editor: PageEditor, root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isElsewhere(event.target, root.current)) return;
      const chosen = editor.selection.get();
      if (chosen === undefined) return;
      const command = event.ctrlKey || event.metaKey;
      if (!command && (event.key === 'Delete' || event.key === 'Backspace')) editor.remove(chosen);
      else if (command && event.key.toLowerCase() === 'd') editor.duplicate(chosen);
      else if (!command && event.target instanceof HTMLElement && event.target.matches('[data-canvas]')) {
        if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) editor.shift(chosen, event.key === 'ArrowUp' ? -1 : 1);
        else {
          const step = stepOf(event.key, editor.document, new Set(), chosen);
          if (step === undefined || !('select' in step)) return;
          editor.select(step.select);
        }
      } else return;
      event.preventDefault();
    };
    const copy = (event: ClipboardEvent) => {
      const chosen = editor.selection.get();
      if (chosen === undefined || isElsewhere(event.target, root.current) || (getSelection()?.toString() ?? '') !== '') return;
      const text = editor.copy(chosen);
      if (text === undefined) return;
      event.clipboardData?.setData('text/plain', text);
      if (event.type === 'cut') editor.remove(chosen);
      event.preventDefault();
    };
    const paste = (event: ClipboardEvent) => {
      if (isElsewhere(event.target, root.current)) return;
      if (editor.paste(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
    };
    document.addEventListener('keydown', key);
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('keydown', key);
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', paste);
    };
  }, [editor, root]);
}
