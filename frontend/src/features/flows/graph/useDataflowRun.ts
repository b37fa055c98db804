import { useMemo, useState } from 'react';
import { api, type ApiError, isApiError } from '@/api';
import type { Saving } from '@/draft';
import type { Start } from '../run/RunDock';
import { useWhenSaved } from '../run/useWhenSaved';
import { ofRun, ofTest, type Outcome } from './outcome';

/** DataflowTry is a try of a dataflow: how to start it, and what came of the last one. */
export interface DataflowTry {
  /** Runs the draft once it is saved; nothing is stored. */
  test: (start: Start) => void;
  /** Runs the live version, for real. */
  live: (start: Start) => void;
  busy: boolean;
  error: ApiError | undefined;
  unsaved: Saving | undefined;
  outcome: Outcome | undefined;
  /** The last test, whatever ran since. */
  lastTest: Outcome | undefined;
}

/** Tries a dataflow. The last test is kept, for the live values of expressions; `onFailed` is told of the step where one ended. */
export function useDataflowRun(component: string, dataflow: string, onFailed: (step: string) => void): DataflowTry {
  const [test, tested] = api.useTestDataflowMutation({ fixedCacheKey: `test/${component}/${dataflow}` });
  const [run, ran] = api.useRunDataflowMutation();
  const [isLive, setLive] = useState(false);
  const { whenSaved, waiting, unsaved } = useWhenSaved(component);
  const { error, isLoading } = isLive ? ran : tested;
  const lastTest = useMemo(() => tested.data && ofTest(tested.data), [tested.data]);
  const lastRun = useMemo(() => ran.data && ofRun(ran.data), [ran.data]);
  return {
    test: ({ input, entry }) =>
      void whenSaved(async () => {
        setLive(false);
        const { data } = await test({ component, dataflow, body: { input, entry } });
        const failed = data && ofTest(data).failed;
        if (failed !== undefined) onFailed(failed);
      }),
    live: ({ input, entry }) => {
      setLive(true);
      void run({ component, dataflow, body: { input, entry, requestId: crypto.randomUUID() } });
    },
    busy: waiting || isLoading,
    error: isApiError(error) ? error : undefined,
    unsaved,
    outcome: isLive ? lastRun : lastTest,
    lastTest,
  };
}
