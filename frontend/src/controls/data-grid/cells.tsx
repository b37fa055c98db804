import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Tooltip from '@mui/material/Tooltip';
import CheckIcon from '@mui/icons-material/Check';
import { createContext, type MouseEvent, useCallback, useContext, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry, Field } from '@/api';
import type { Row } from '@/renderer/evaluator';
import { usePlace } from '@/renderer/place';
import { formatValue } from '@/values/format';
import { localeOf } from '@/values/locale';
import { recordOf } from '@/values/record';
import { Instant, Reference, StoredFile, type Value } from '@/values/value';
import { icons } from '../button/icons';
import type { ShownColumn } from './columns';
import type { GridRow } from './rows';

/** What the references of the shown rows lead to, by component; with the fields of each. */
export interface Referred {
  entries: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
  fieldsOf: (component: string) => readonly Field[];
}

export const ReferredContext = createContext<Referred>({ entries: new Map(), fieldsOf: () => [] });

/** Reads a column's value of a row, through a reference if the column goes there. */
export function valueOf(column: ShownColumn, row: GridRow, referred: Referred): Value | undefined {
  const [first = '', second] = (column.field ?? '').split('.');
  const own = row.record[first];
  if (second === undefined) return own;
  const component = column.through?.catalog?.component ?? '';
  const entry = own instanceof Reference ? referred.entries.get(component)?.get(own.id) : undefined;
  return entry === undefined ? undefined : recordOf(entry, referred.fieldsOf(component))[second];
}

/** A value as people read it. */
export function textOf(column: ShownColumn, value: Value | undefined, language: string, referred: Referred): string {
  if (value instanceof Reference) {
    const entry = referred.entries.get(column.definition?.catalog?.component ?? '')?.get(value.id);
    return entry?.name ?? '';
  }
  if (value instanceof Instant && column.format !== undefined && column.format !== 'auto') {
    const style = column.format === 'date' ? { dateStyle: 'medium' as const } : { timeStyle: 'short' as const };
    return new Intl.DateTimeFormat(localeOf(language), style).format(value.toDate());
  }
  // A year is no 1,970.
  if (typeof value === 'bigint' && !isChoice(column, value)) return new Intl.NumberFormat(localeOf(language), { useGrouping: 'min2' }).format(value);
  return formatValue(value, language, column.definition);
}

function isChoice({ definition }: ShownColumn, value: bigint): boolean {
  return definition?.integer?.options?.some((one) => one.value === value.toString()) === true;
}

/** The value of a row in a column. */
export function ValueCell({ column, row }: { column: ShownColumn; row: GridRow }) {
  const { t, i18n } = useTranslation('controls');
  const referred = useContext(ReferredContext);
  const value = valueOf(column, row, referred);
  if (value === true) return <CheckIcon fontSize="small" titleAccess={t('data-grid.yes')} sx={{ color: 'success.main' }} />;
  if (value === false) return <Box sx={{ color: 'text.secondary' }}>–</Box>;
  if (value instanceof StoredFile) {
    return (
      <Link href={`/v1/files/${encodeURIComponent(value.id)}:download`} onClick={(event) => event.stopPropagation()}>
        {t('data-grid.file')}
      </Link>
    );
  }
  const text = textOf(column, value, i18n.language, referred);
  if (typeof value === 'bigint' && isChoice(column, value)) return <Chip label={text} sx={{ maxWidth: '100%', height: 20, fontSize: '0.75rem' }} />;
  return <span className="text">{text}</span>;
}

/** Whether a command is for a row: its expression must say so. It does not while it cannot be answered. */
function useEnabled(expression: string | undefined, row: Row): boolean {
  const { rows } = usePlace();
  const subscribe = useCallback((listener: () => void) => (expression === undefined ? undefined : rows?.watch(listener)) ?? (() => undefined), [expression, rows]);
  return useSyncExternalStore(subscribe, () => {
    if (expression === undefined) return true;
    const answer = rows?.about(expression, row);
    return answer?.ok === true && answer.value === true;
  });
}

interface CommandCellProps {
  command: NonNullable<ShownColumn['command']>;
  title: string;
  /** The record, with the component that it is of. */
  row: Row;
  onRun: () => void;
  disabled: boolean;
}

/** The button of a column of commands. */
export function CommandCell({ command, title, row, onRun, disabled: off }: CommandCellProps) {
  const { t } = useTranslation('controls');
  const enabled = useEnabled(command.enabled, row);
  const disabled = off || !enabled;
  const Icon = icons[command.icon ?? 'none'];
  const label = command.label ?? (title || t('data-grid.command'));
  const run = (event: MouseEvent) => {
    event.stopPropagation(); // the row has an action of its own
    onRun();
  };
  if (Icon === undefined) {
    return (
      <Button variant="text" disabled={disabled} onClick={run} sx={{ maxWidth: '100%' }}>
        <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
          {label}
        </Box>
      </Button>
    );
  }
  return (
    <Tooltip title={label}>
      <span>
        <IconButton aria-label={label} disabled={disabled} onClick={run}>
          <Icon />
        </IconButton>
      </span>
    </Tooltip>
  );
}
