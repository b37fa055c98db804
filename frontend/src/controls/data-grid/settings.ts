import type { Json } from '@/values/json';

/** Settings of a grid. Those that hold actions and columns come as documents have them. */
export interface DataGridProps {
  component: string;
  dataflow: string;
  /** CEL over the entries, for the server. */
  filter: string;
  /** As ListEntries takes it, "due desc". */
  orderBy: string;
  columns: Json | undefined;
  pageSize: number;
  search: boolean;
  addButton: Json | undefined;
  addLabel: string;
  rowAction: Json | undefined;
  selection: 'none' | 'single' | 'multiple';
  selectionAction: Json | undefined;
  selectionLabel: string;
  emptyText: string;
}
