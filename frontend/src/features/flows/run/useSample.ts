import { useState } from 'react';
import { useSession } from '@/api/session';
import { useDraft } from '@/draft';
import { sampleOf, show } from './sample';

/** Sample is what a flow is tried with, as it is typed. */
export interface Sample {
  input: string;
  /** Id of the entry that it is about, if any. */
  entry: string;
}

/** The sample of a part such as "dataflows/save": what was typed last, kept as long as the tab lives, else one made of the model. */
export function useSample(component: string, part: string): [Sample, (change: Partial<Sample>) => void] {
  const { tenant, user } = useSession();
  const doc = useDraft(component);
  const key = `aqtra.sample.${tenant?.id ?? ''}.${user?.id ?? ''}.${component}/${part}`;
  const [sample, setSample] = useState(() => read(key) ?? { input: show(sampleOf(doc)), entry: '' });
  return [
    sample,
    (change) => {
      const next = { ...sample, ...change };
      setSample(next);
      keep(key, next);
    },
  ];
}

function read(key: string): Sample | undefined {
  const kept = sessionStorage.getItem(key);
  return kept === null ? undefined : (JSON.parse(kept) as Sample);
}

function keep(key: string, sample: Sample): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(sample));
  } catch {
    // The storage is full: it is only gone with the next reload.
  }
}
