import { useState } from 'react';
import { api, type VerifyAuditResponse } from '@/api';

type Result = {
  /** How many records and changes of entries are as they were sealed, and how many have no seal yet. */
  rows: number;
  unsealed: number;
  problem: string;
};

type Part = Partial<VerifyAuditResponse>;

/** Compares the audit and the history of entries with their seals, part by part, up to the first problem. */
export function useVerify() {
  const [verifyAudit] = api.useVerifyAuditMutation();
  const [verifyHistory] = api.useVerifyEntryHistoryMutation();
  const [running, setRunning] = useState(false);
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<unknown>();

  const walk = async (verify: (from: { block?: string; head?: string }) => Promise<Part>, sum: Result) => {
    let part: Part = {};
    while (part.done !== true && sum.problem === '') {
      part = await verify({ ...(part.block !== undefined && { block: part.block }), ...(part.head !== undefined && { head: part.head }) });
      sum.rows += Number(part.rows ?? 0);
      sum.unsealed += Number(part.unsealed ?? 0);
      sum.problem = part.problem ?? '';
    }
  };

  const run = async () => {
    setRunning(true);
    setResult(undefined);
    setError(undefined);
    const sum: Result = { rows: 0, unsealed: 0, problem: '' };
    try {
      await walk((from) => verifyAudit({ body: from }).unwrap(), sum);
      await walk((from) => verifyHistory({ body: from }).unwrap(), sum);
      setResult(sum);
    } catch (failure) {
      setError(failure);
    }
    setRunning(false);
  };
  return { run, running, result, error };
}
