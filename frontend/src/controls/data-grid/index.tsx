import Skeleton from '@mui/material/Skeleton';
import TableChartIcon from '@mui/icons-material/TableChartOutlined';
import { lazy, Suspense } from 'react';
import type { Control, ControlProps } from '../contract';
import type { DataGridProps } from './settings';

// The grid is heavier than all other controls together.
const Grid = lazy(() => import('./Grid').then((module) => ({ default: module.Grid })));

function DataGridControl(props: ControlProps<DataGridProps>) {
  return (
    <Suspense fallback={<Skeleton variant="rounded" height={320} />}>
      <Grid {...props} />
    </Suspense>
  );
}

/** A table of entries, or of what a dataflow returns. */
export const control: Control<DataGridProps> = {
  type: 'data-grid',
  title: 'controls:data-grid.title',
  icon: TableChartIcon,
  group: 'data',
  schema: {
    component: { kind: 'component', label: 'controls:data-grid.component', help: 'controls:data-grid.componentHelp', group: 'data', default: '' },
    dataflow: { kind: 'dataflow', of: 'component', label: 'controls:data-grid.dataflow', help: 'controls:data-grid.dataflowHelp', group: 'data', default: '' },
    columns: { kind: 'columns', of: 'component', label: 'controls:data-grid.columns', group: 'data' },
    filter: { kind: 'text', multiline: true, label: 'controls:data-grid.only', help: 'controls:data-grid.onlyHelp', group: 'data', default: '', bindable: true },
    orderBy: { kind: 'text', label: 'controls:data-grid.orderBy', help: 'controls:data-grid.orderByHelp', group: 'data', default: '' },
    pageSize: { kind: 'number', min: 1, max: 100, step: 1, label: 'controls:data-grid.pageSize', group: 'data', default: 20 },
    search: { kind: 'boolean', label: 'controls:data-grid.showSearch', group: 'behaviour', default: true },
    rowAction: { kind: 'action', label: 'controls:data-grid.rowAction', group: 'behaviour' },
    addButton: { kind: 'action', label: 'controls:data-grid.addButton', group: 'behaviour' },
    addLabel: { kind: 'text', label: 'controls:data-grid.addLabel', group: 'content', default: '', bindable: true },
    selection: {
      kind: 'enum',
      label: 'controls:data-grid.select',
      group: 'behaviour',
      default: 'none',
      options: [
        { value: 'none', label: 'controls:data-grid.none' },
        { value: 'single', label: 'controls:data-grid.single' },
        { value: 'multiple', label: 'controls:data-grid.multiple' },
      ],
    },
    selectionAction: { kind: 'action', label: 'controls:data-grid.selectionAction', group: 'behaviour' },
    selectionLabel: { kind: 'text', label: 'controls:data-grid.selectionLabel', group: 'content', default: '', bindable: true },
    emptyText: { kind: 'text', label: 'controls:data-grid.emptyText', group: 'content', default: '', bindable: true },
  },
  defaults: {
    component: '', dataflow: '', columns: undefined, filter: '', orderBy: '', pageSize: 20, search: true, rowAction: undefined, addButton: undefined,
    addLabel: '', selection: 'none', selectionAction: undefined, selectionLabel: '', emptyText: '',
  },
  View: DataGridControl,
};
