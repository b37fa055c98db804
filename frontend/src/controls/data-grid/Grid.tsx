import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import AddIcon from '@mui/icons-material/Add';
import FilterListIcon from '@mui/icons-material/FilterList';
import RefreshIcon from '@mui/icons-material/Refresh';
import SearchIcon from '@mui/icons-material/Search';
import { DataGrid, type GridFilterItem, type GridRowSelectionModel, type GridSortModel, useGridApiRef } from '@mui/x-data-grid';
import { deDE, enUS } from '@mui/x-data-grid/locales';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Field, isApiError } from '@/api';
import { type Place, usePlace } from '@/renderer/place';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { Reference } from '@/values/value';
import { readAction } from '../action/read';
import { useAct } from '../action/useAct';
import type { ControlProps } from '../contract';
import { fills } from '../layout/layout';
import { useDelayed } from '../input/useDelayed';
import { type Referred, ReferredContext } from './cells';
import { type ShownColumn, readColumns, showColumns } from './columns';
import { definitionOf, filterOf } from './definitions';
import { allOf, searchFilter } from './filter';
import { type GridRow, useDataflowRows, useEntryRows, useReferred } from './rows';
import type { DataGridProps } from './settings';

declare module '@mui/x-data-grid' {
  interface PanelPropsOverrides {
    role?: string;
    'aria-label'?: string;
  }
}

/** Lets the grid's own styles in; see src/app/App.tsx. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

const noFields: readonly Field[] = [];
const noModels: NonNullable<Place['models']> = [];
const emptySelection: GridRowSelectionModel = { type: 'include', ids: new Set() };

type FieldsOf = (component: string) => readonly Field[];

/** What columns may show: what is live or, on a page that is being made, what its author has in hand. Rows are always what is live. */
function useFields(component: string, edited: boolean): { shown: FieldsOf; stored: FieldsOf } {
  const { data } = api.useListPublishedComponentsQuery();
  const { models = noModels } = usePlace();
  const draft = api.useGetComponentQuery({ component }, { skip: !edited || component === '' || models.some((one) => one.id === component) }).currentData;
  return useMemo(() => {
    const live = new Map(data?.components?.map((one) => [one.id ?? '', one.model?.fields ?? noFields]));
    const drawn = new Map(live);
    if (draft !== undefined) drawn.set(component, draft.model?.fields ?? noFields);
    for (const { id, fields } of models) drawn.set(id, fields);
    return { shown: (id: string) => drawn.get(id) ?? noFields, stored: (id: string) => live.get(id) ?? noFields };
  }, [data, draft, models, component]);
}

/** Rows of entries or of a dataflow, with everything that can be done with them. */
export function Grid({ id, name, props, mode, dispatch }: ControlProps<DataGridProps>) {
  const { t, i18n } = useTranslation('controls');
  const place = usePlace();
  const component = props.component || place.component;
  const { shown: fieldsOf, stored } = useFields(component, mode === 'edit');
  const server = props.dataflow === '';
  const columns = useMemo(() => {
    const read = readColumns(props.columns);
    const fields = fieldsOf(component);
    // A grid that was just put on a page shows what there is.
    const all = read.length > 0 || !server ? read : fields.slice(0, 6).map((field) => ({ field: field.name ?? '', sortable: true, filterable: true }));
    return showColumns(all, server ? component : '', fieldsOf);
  }, [props.columns, fieldsOf, component, server]);

  const [typed, setTyped] = useState('');
  const search = useDelayed(typed, 300);
  const [items, setItems] = useState<GridFilterItem[]>([]);
  const [sort, setSort] = useState<GridSortModel>([]);
  const [pageSize, setPageSize] = useState(() => size(props.pageSize));
  const [page, setPage] = useState(0);
  const [selected, setSelected] = useState(emptySelection);

  // Fields that the maker chose for it are searched by words, through their index; else the texts of the columns for any part.
  const words = server && stored(component).some((field) => field.searchable === true);
  const searched = columns.filter((one) => one.filterable === true && one.definition?.sensitive !== true && isText(one));
  const filter = allOf(
    props.filter,
    ...filterOf(items, columns),
    words ? '' : searchFilter(searched.map(({ field = '', kind = 'string' }) => ({ field, kind })), search),
  );
  const [order] = sort;
  const orderField = columns.find((one) => one.id === order?.field)?.field;
  const orderBy = orderField === undefined ? props.orderBy : `${orderField}${order?.sort === 'desc' ? ' desc' : ''}`;
  const entries = useEntryRows(server && component !== '' ? { component, filter, search: words ? search : '', orderBy, pageSize } : undefined, stored(component));
  const results = useDataflowRows(server ? undefined : { component, dataflow: props.dataflow, entry: place.entry });
  const source = server ? entries : results;

  const unpublished = mode === 'edit' && isUnpublished(source.error);

  const referred = useReferredOf(columns, source.rows, stored);
  const { busy, act, dialog } = useAct(dispatch);
  const rowAction = readAction(props.rowAction);
  const addAction = readAction(props.addButton, 'add-record');
  const selectionAction = readAction(props.selectionAction);
  const chosen = source.rows.filter((row) => selected.ids.has(row.id));
  const apiRef = useGridApiRef();

  const definitions = useMemo(
    () =>
      columns.map((column) =>
        definitionOf(column, {
          component: server ? component : '', language: i18n.language, referred, server, disabled: busy || mode === 'edit',
          onCommand: (command, row) => act(command.action, [row.record], command.confirm),
        }),
      ),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- act is new each time, and does the same
    [columns, component, i18n.language, referred, server, busy, mode],
  );
  const open = (row: GridRow) => {
    if (rowAction !== undefined && !busy) act(rowAction, [row.record]);
  };

  // It stands outside of the page, where assistive technology finds only what has a role.
  const panel = { role: 'dialog', 'aria-label': t('data-grid.filter') };
  const filters = columns.some((one) => one.filterable === true);
  const [condition] = items;
  const conditionColumn = columns.find((one) => one.id === condition?.field);
  return (
    <Box className={fills} sx={{ display: 'flex', flexDirection: 'column', gap: 1.5, minWidth: 0 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1 }}>
        {props.search && server && (words || searched.length > 0) && (
          <TextField
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            placeholder={t('data-grid.search')}
            sx={{ flex: { xs: '1 1 100%', sm: '0 1 240px' }, '& .MuiInputBase-root': { height: 32 } }}
            slotProps={{
              htmlInput: { 'aria-label': t('data-grid.search'), maxLength: 200 },
              input: {
                startAdornment: (
                  <InputAdornment position="start">
                    <SearchIcon fontSize="small" />
                  </InputAdornment>
                ),
              },
            }}
          />
        )}
        {filters && (
          <Button variant="text" startIcon={<FilterListIcon />} onClick={() => apiRef.current?.showFilterPanel()}>
            {t('data-grid.filter')}
          </Button>
        )}
        {conditionColumn !== undefined && filterOf(items, columns)[0] !== '' && (
          <Chip
            label={t('data-grid.filtered', { column: conditionColumn.title })}
            onDelete={() => setItems([])}
            color="primary"
            variant="outlined"
          />
        )}
        <Box sx={{ flex: 1 }} />
        {selectionAction !== undefined && (
          <Button variant="outlined" disabled={chosen.length === 0} loading={busy} onClick={() => act(selectionAction, chosen.map((row) => row.record))}>
            {props.selectionLabel || t('data-grid.selection')}
            {chosen.length > 0 && ` (${chosen.length})`}
          </Button>
        )}
        <Tooltip title={t('data-grid.reload')}>
          <IconButton aria-label={t('data-grid.reload')} onClick={source.reload}>
            <RefreshIcon fontSize="small" />
          </IconButton>
        </Tooltip>
        {addAction !== undefined && (
          <Button variant="contained" startIcon={<AddIcon />} onClick={() => act(addAction)}>
            {props.addLabel || t('data-grid.add')}
          </Button>
        )}
      </Box>
      {source.error !== undefined && !unpublished && <ErrorNotice error={source.error} onRetry={source.reload} />}
      <Box sx={{ display: 'flex', flexDirection: 'column', maxHeight: { sm: 'max(420px, calc(100vh - 230px))' } }}>
        <ReferredContext.Provider value={referred}>
          <DataGrid<GridRow>
            apiRef={apiRef}
            nonce={nonce}
            aria-label={name}
            data-grid={id}
            rows={source.rows}
            columns={definitions}
            rowHeight={36}
            columnHeaderHeight={36}
            loading={source.loading}
            localeText={{
              ...(i18n.language.startsWith('de') ? deDE : enUS).components.MuiDataGrid.defaultProps.localeText,
              noRowsLabel: unpublished ? t('data-grid.unpublished') : filter === props.filter.trim() ? props.emptyText || t('data-grid.empty') : t('data-grid.noMatch'),
              noResultsOverlayLabel: t('data-grid.noMatch'),
              filterValueTrue: t('data-grid.yes'),
              filterValueFalse: t('data-grid.no'),
            }}
            slots={{ baseLinearProgress: Loading }}
            slotProps={{ loadingOverlay: { variant: source.first ? 'skeleton' : 'linear-progress', noRowsVariant: 'skeleton' }, panel }}
            disableVirtualization // a page has a hundred rows at most, and all of them can be found and read
            disableColumnSelector
            disableColumnMenu
            disableRowSelectionOnClick
            disableRowSelectionExcludeModel
            checkboxSelection={props.selection !== 'none'}
            disableMultipleRowSelection={props.selection !== 'multiple'}
            rowSelectionModel={selected}
            onRowSelectionModelChange={setSelected}
            sortingMode={server ? 'server' : 'client'}
            sortModel={sort}
            onSortModelChange={setSort}
            filterMode={server ? 'server' : 'client'}
            filterModel={{ items }}
            onFilterModelChange={(model) => setItems(model.items)}
            paginationMode={server ? 'server' : 'client'}
            pageSizeOptions={[...new Set([10, 20, 50, 100, size(props.pageSize)])].sort((a, b) => a - b)}
            paginationModel={{ page: server ? entries.page : page, pageSize }}
            onPaginationModelChange={(model) => {
              setSelected(emptySelection);
              if (model.pageSize !== pageSize) setPageSize(model.pageSize);
              else if (server) entries.turn(model.page);
              else setPage(model.page);
            }}
            {...(server && { rowCount: source.total ?? (source.error === undefined ? -1 : source.rows.length), paginationMeta: { hasNextPage: entries.hasNext } })}
            onRowClick={({ row }) => open(row)}
            onCellKeyDown={({ row, colDef }, event) => {
              const command = columns.find((one) => one.id === colDef.field)?.command;
              if (event.key === 'Enter' && command === undefined && colDef.field !== '__check__') open(row);
            }}
            sx={{
              bgcolor: 'background.paper', borderColor: 'divider', fontSize: '0.8125rem', '--DataGrid-rowBorderColor': 'var(--aqtra-palette-divider)',
              minHeight: source.rows.length === 0 ? 220 : undefined,
              '& .MuiDataGrid-columnHeaderTitle': { fontWeight: 600, fontSize: '0.75rem', color: 'text.secondary' },
              '& .MuiDataGrid-cell': { display: 'flex', alignItems: 'center' },
              '& .MuiDataGrid-cell > .text': { overflow: 'hidden', textOverflow: 'ellipsis' },
              '& .MuiDataGrid-cell--textRight': { justifyContent: 'flex-end', fontVariantNumeric: 'tabular-nums' },
              '& .MuiDataGrid-footerContainer': { minHeight: 40 },
              '& .MuiTablePagination-toolbar': { minHeight: 40 },
              ...(rowAction !== undefined && { '& .MuiDataGrid-row': { cursor: 'pointer' } }),
            }}
          />
        </ReferredContext.Provider>
      </Box>
      {dialog}
    </Box>
  );
}

/** The grid's own bar has no name. */
function Loading() {
  const { t } = useTranslation('controls');
  return <LinearProgress aria-label={t('data-grid.loading')} />;
}

/** While a page is made, its component may not be live yet, and so has no entries. */
function isUnpublished(error: unknown): boolean {
  return isApiError(error) && (error.reason === 'NOTHING_PUBLISHED' || error.reason === 'COMPONENT_NOT_FOUND');
}

function size(wanted: number): number {
  const count = Math.trunc(Number(wanted)); // an int of an expression is a bigint
  return count >= 1 && count <= 100 ? count : 20;
}

function isText({ kind }: ShownColumn): boolean {
  return kind === 'string' || kind === 'uri' || kind === 'catalog';
}

/** Fetches what the references of the rows lead to. Columns may lead to four components; what leads to more stays empty. */
function useReferredOf(columns: readonly ShownColumn[], rows: readonly GridRow[], fieldsOf: Referred['fieldsOf']): Referred {
  const references = new Map<string, string[]>();
  for (const column of columns) {
    const target = (column.through ?? column.definition)?.catalog?.component;
    if (target === undefined) continue;
    const [first = ''] = (column.field ?? '').split('.');
    const ids = rows.map((row) => row.record[first]).flatMap((value) => (value instanceof Reference ? [value.id] : []));
    references.set(target, [...(references.get(target) ?? []), ...ids]);
  }
  const [one, two, three, four] = [...references];
  const a = useReferred(one?.[0] ?? '', one?.[1] ?? []);
  const b = useReferred(two?.[0] ?? '', two?.[1] ?? []);
  const c = useReferred(three?.[0] ?? '', three?.[1] ?? []);
  const d = useReferred(four?.[0] ?? '', four?.[1] ?? []);
  const names = [...references.keys()].join(' ');
  return useMemo(() => {
    const found = [a, b, c, d];
    return { entries: new Map(names.split(' ').flatMap((target, i) => (found[i] === undefined ? [] : [[target, found[i]] as const]))), fieldsOf };
  }, [a, b, c, d, names, fieldsOf]);
}
