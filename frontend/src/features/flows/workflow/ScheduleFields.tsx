import { useTranslation } from 'react-i18next';
import { isObject, type JsonObject } from '@/values/json';
import { OneOf, TextLine } from '../fields/basic';
import type { Document } from './document';

const kinds = ['cron', 'every', 'after'] as const;
const first: Readonly<Record<(typeof kinds)[number], string>> = { cron: '0 9 * * 1-5', every: 'PT1H', after: 'PT1H' };

interface ScheduleFieldsProps {
  document: Document;
  /** What the check found wrong. */
  error: string | undefined;
  onChange: (document: Document) => void;
}

/** Whether and when a workflow starts by itself. */
export function ScheduleFields({ document, error, onChange }: ScheduleFieldsProps) {
  const { t } = useTranslation('flows');
  const schedule: JsonObject = isObject(document.schedule) ? document.schedule : {};
  const kind = kinds.find((one) => schedule[one] !== undefined);
  const value = kind === undefined ? undefined : schedule[kind];
  const { schedule: _, ...without } = document;
  const set = (one: string | undefined, to: string) => onChange(one === undefined ? without : { ...document, schedule: { [one]: to } });
  return (
    <>
      <OneOf
        label={t('schedule.label')}
        value={kind ?? ''}
        choices={kinds.map((id) => ({ id, title: t(`schedule.${id}`) }))}
        none={t('schedule.none')}
        onChange={(next) => set(next, first[kinds.find((one) => one === next) ?? 'cron'])}
      />
      {kind !== undefined && (
        <TextLine
          label={t(`schedule.${kind}`)}
          help={t(kind === 'cron' ? 'schedule.cronHelp' : 'schedule.durationHelp')}
          error={error}
          value={typeof value === 'string' ? value : JSON.stringify(value)}
          onChange={(next) => set(kind, next ?? '')}
        />
      )}
    </>
  );
}
