import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ValueMap } from '@/values/value';
import type { Action, ControlProps } from '../contract';
import { ConfirmDialog } from './ConfirmDialog';

interface Asked {
  action: Action;
  records: readonly ValueMap[];
  text: string;
}

export interface Act {
  busy: boolean;
  /** Does it, after a question when there is one; about each of the records in turn, or about the page without any. */
  act: (action: Action, records?: readonly ValueMap[], question?: string) => void;
  /** The question; to be drawn somewhere. */
  dialog: ReactNode;
}

/** Carries actions out one at a time. Deleting always asks. */
export function useAct(dispatch: ControlProps<object>['dispatch']): Act {
  const { t } = useTranslation('controls');
  const [busy, setBusy] = useState(false);
  const running = useRef(false); // a second click may come before the view is drawn again
  const [asked, setAsked] = useState<Asked>();
  const [open, setOpen] = useState(false);

  const run = async (action: Action, records: readonly ValueMap[]) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      if (records.length === 0) await dispatch(action);
      for (const record of records) await dispatch(action, record);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const act = (action: Action, records: readonly ValueMap[] = [], question = '') => {
    if (question === '' && action.type !== 'delete-record') {
      void run(action, records);
      return;
    }
    setAsked({ action, records, text: question });
    setOpen(true);
  };

  const deletes = asked?.action.type === 'delete-record';
  const count = asked?.records.length ?? 0;
  const title = !deletes ? t('action.ask') : count > 1 ? t('action.delete.many', { count }) : t('action.delete.one');
  const dialog = (
    <ConfirmDialog
      open={open}
      title={title}
      text={asked?.text !== '' ? asked?.text : t('action.delete.text')}
      label={t(deletes ? 'action.delete.do' : 'action.do')}
      danger={deletes}
      onCancel={() => setOpen(false)}
      onConfirm={() => {
        setOpen(false);
        if (asked !== undefined) void run(asked.action, asked.records);
      }}
    />
  );
  return { busy, act, dialog };
}
