import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api';
import { useUploadFileMutation } from '@/controls/input/upload';

/** Sending is a file on its way, or one that was refused. */
export interface Sending {
  key: string;
  name: string;
  part: number;
  stop: () => void;
  refused?: string;
}

/** How many files are sent at once; the others wait. */
const atOnce = 3;

/** Sends files into a folder, a few at a time, and keeps those that were refused until they are stopped, too. */
export function useUploads(folder: string): { sending: readonly Sending[]; send: (files: readonly File[]) => void } {
  const { t } = useTranslation('files');
  const [upload] = useUploadFileMutation();
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const change = useCallback((key: string, to: Partial<Sending>) => setSending((all) => all.map((one) => (one.key === key ? { ...one, ...to } : one))), []);
  const dismiss = useCallback((key: string) => setSending((all) => all.filter((one) => one.key !== key)), []);

  const send = useCallback(
    (files: readonly File[]) => {
      const waiting = files.map((file) => ({ file, key: crypto.randomUUID(), stopped: false }));
      const ahead = waiting.map((one): Sending => ({ key: one.key, name: one.file.name, part: 0, stop: () => ((one.stopped = true), dismiss(one.key)) }));
      setSending((all) => [...all, ...ahead]);
      const work = async () => {
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          const { key, file } = one;
          if (one.stopped) continue;
          const going = upload({ file, folder, onProgress: (part) => change(key, { part }) });
          let stopped = false;
          change(key, { stop: () => ((stopped = true), going.abort()) });
          const { error } = await going;
          if (error === undefined || stopped) dismiss(key);
          else change(key, { stop: () => dismiss(key), refused: (isApiError(error) ? error.message : '') || t('failed') });
        }
      };
      for (let i = 0; i < atOnce; i++) void work();
    },
    [upload, folder, change, dismiss, t],
  );
  return { sending, send };
}
