import {
  type GridColDef,
  type GridFilterItem,
  type GridFilterOperator,
  getGridBooleanOperators,
  getGridDateOperators,
  getGridNumericOperators,
  getGridSingleSelectOperators,
  getGridStringOperators,
} from '@mui/x-data-grid';
import { Decimal } from '@/values/decimal';
import { CommandCell, type Referred, textOf, ValueCell, valueOf } from './cells';
import type { ShownColumn } from './columns';
import { choiceOperators, conditionFilter, dayOperators, numberOperators, textOperators } from './filter';
import type { GridRow } from './rows';

interface Making {
  /** Of the rows; empty when they are of none. */
  component: string;
  language: string;
  referred: Referred;
  /** The server filters and orders; otherwise the grid does. */
  server: boolean;
  disabled: boolean;
  onCommand: (command: NonNullable<ShownColumn['command']>, row: GridRow) => void;
}

/** Columns as the grid has them. */
export function definitionOf(column: ShownColumn, making: Making): GridColDef<GridRow> {
  const { command } = column;
  const size = column.width === undefined ? { flex: column.definition?.isName === true ? 1.6 : 1, minWidth: command === undefined ? leastWidth(column) : 90 } : { width: column.width };
  if (command !== undefined) {
    return {
      ...size, field: column.id, headerName: column.title, sortable: false, filterable: false, disableColumnMenu: true,
      renderCell: ({ row }) => (
        <CommandCell command={command} title={column.title} row={{ component: making.component, record: row.record }} disabled={making.disabled} onRun={() => making.onCommand(command, row)} />
      ),
    };
  }
  const number = column.kind === 'number' || (column.kind === 'integer' && !isChoice(column));
  return {
    ...size,
    ...filtering(column),
    field: column.id,
    headerName: column.title,
    align: number ? 'right' : 'left',
    headerAlign: number ? 'right' : 'left',
    sortable: column.sortable === true && !(making.server && column.through !== undefined),
    filterable: column.filterable === true && column.definition?.sensitive !== true && !(making.server && operatorsOf(column) === undefined),
    valueGetter: (_, row) => plain(column, row, making),
    renderCell: ({ row }) => <ValueCell column={column} row={row} />,
  };
}

/** What the grid orders and copies by when it does so itself. */
function plain(column: ShownColumn, row: GridRow, { language, referred, server }: Making): string | number | boolean | null {
  const value = valueOf(column, row, referred);
  if (value === undefined || value === null) return null;
  if (!server && (value instanceof Decimal || typeof value === 'bigint')) return Number(value.toString());
  return textOf(column, value, language, referred);
}

function isChoice(column: ShownColumn): boolean {
  return column.kind === 'integer' && (column.definition?.integer?.options?.length ?? 0) > 0;
}

/** In px; what is beyond the name of an entry seldom needs more than a few words. */
function leastWidth(column: ShownColumn): number {
  if (column.kind === 'datetime') return 160;
  if (column.definition?.isName === true) return 170;
  return isChoice(column) ? 150 : 105;
}

type Operators = readonly GridFilterOperator<GridRow>[];

function only(all: Operators, names: readonly string[]): GridFilterOperator<GridRow>[] {
  return all.filter((one) => names.includes(one.value));
}

function operatorsOf(column: ShownColumn): GridFilterOperator<GridRow>[] | undefined {
  switch (column.kind) {
    case 'string':
    case 'uri':
    case 'catalog':
      return only(getGridStringOperators(), textOperators);
    case 'integer':
      return isChoice(column) ? only(getGridSingleSelectOperators(), choiceOperators) : only(getGridNumericOperators(), numberOperators);
    case 'number':
      return only(getGridNumericOperators(), numberOperators);
    case 'boolean':
      return [...getGridBooleanOperators()];
    case 'date':
    case 'datetime':
      return only(getGridDateOperators(), dayOperators);
    default:
      return undefined;
  }
}

function filtering(column: ShownColumn): Partial<GridColDef<GridRow>> {
  const filterOperators = operatorsOf(column);
  if (filterOperators === undefined) return {};
  if (!isChoice(column)) return { filterOperators };
  const valueOptions = (column.definition?.integer?.options ?? []).map((one) => ({ value: one.value ?? '', label: one.label ?? one.value ?? '' }));
  return { type: 'singleSelect', valueOptions, filterOperators };
}

/** What the user asks of a column, as CEL for the server. */
export function filterOf(items: readonly GridFilterItem[], columns: readonly ShownColumn[]): readonly string[] {
  return items.map(({ field, operator, value }) => {
    const column = columns.find((one) => one.id === field);
    if (column?.kind === undefined || column.field === undefined) return '';
    return conditionFilter({ field: column.field, kind: column.kind, operator, value: typed(value) });
  });
}

function typed(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10);
  return value === undefined || value === null ? '' : String(value);
}
