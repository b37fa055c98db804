import Box from '@mui/material/Box';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Value as Wire } from '@/api';
import { anyType, type Type } from '@/expr/type';
import { readAs } from '@/expr/typed';
import { formatValue } from '@/values/format';
import { isObject, type Json } from '@/values/json';
import { columnsOf } from './columns';

/** Most signs of a value that a cell has; the whole value stands in its title. */
const longest = 80;

/** The items that a step gave, each a row, as far as the server sent them. */
export function ItemsTable({ label, items, total, type = anyType }: { label: string; items: readonly Wire[]; total: number; type?: Type | undefined }) {
  const { t, i18n } = useTranslation('flows');
  const { language } = i18n;
  const columns = useMemo(() => columnsOf(items as readonly Json[], type), [items, type]);
  if (items.length === 0) return <Box sx={{ fontSize: '0.8125rem', color: 'text.secondary' }}>{t(total === 0 ? 'run.noItems' : 'run.bigItems', { count: total })}</Box>;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box
        tabIndex={0}
        role="region"
        aria-label={label}
        sx={{
          overflow: 'auto', maxHeight: 320, border: 1, borderColor: 'divider', borderRadius: 1,
          '& table': { borderCollapse: 'collapse', fontSize: '0.75rem', width: '100%' },
          '& th, & td': { px: 1, py: 0.5, textAlign: 'left', whiteSpace: 'nowrap', borderBottom: 1, borderColor: 'divider' },
          '& th': { position: 'sticky', top: 0, bgcolor: 'background.default', fontWeight: 600, color: 'text.secondary' },
          '& td.number': { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
          '& tbody tr:last-of-type td': { borderBottom: 0 },
        }}
      >
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.name} scope="col">
                  {column.name || t('run.value')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(items as readonly Json[]).map((item, i) => (
              <tr key={i}>
                {columns.map((column) => {
                  const shown = written(column.name === '' ? item : isObject(item) ? item[column.name] : undefined, column.type, language);
                  return (
                    <td key={column.name} className={column.type.kind === 'int' || column.type.kind === 'decimal' ? 'number' : undefined} title={shown.length > longest ? shown : undefined}>
                      {shown.length > longest ? `${shown.slice(0, longest)}…` : shown}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
      {total > items.length && <Box sx={{ mt: 0.5, fontSize: '0.75rem', color: 'text.secondary' }}>{t('run.firstItems', { shown: items.length, total })}</Box>}
    </Box>
  );
}

function written(json: Json | undefined, type: Type, language: string): string {
  if (typeof json === 'object' && json !== null) return JSON.stringify(json);
  if (typeof json === 'boolean') return String(json);
  return formatValue(readAs(json, type), language);
}
