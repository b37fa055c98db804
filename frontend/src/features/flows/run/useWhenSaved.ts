import { useEffect, useRef, useState } from 'react';
import { type Saving, useSaved } from '@/draft';

/** Does something with the draft once it is saved; says whether that is awaited, and why it cannot be done. */
export function useWhenSaved(component: string): { whenSaved: (act: () => unknown) => Promise<void>; waiting: boolean; unsaved: Saving | undefined } {
  const saved = useSaved(component);
  const [waiting, setWaiting] = useState(false);
  const [unsaved, setUnsaved] = useState<Saving>();
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  const whenSaved = async (act: () => unknown) => {
    setWaiting(true);
    const saving = await saved();
    if (!shown.current) return;
    setWaiting(false);
    setUnsaved(saving === 'saved' ? undefined : saving);
    if (saving === 'saved') act();
  };
  return { whenSaved, waiting, unsaved };
}
