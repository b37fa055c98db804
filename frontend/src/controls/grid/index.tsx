import Box from '@mui/material/Box';
import GridViewIcon from '@mui/icons-material/GridViewOutlined';
import type { Control, ControlProps } from '../contract';
import { fills, type Gap, gapSpec, gridStyles } from '../layout/layout';

interface GridProps {
  columns: number;
  gap: Gap;
}

function Grid({ props, slots }: ControlProps<GridProps>) {
  return (
    <Box className={fills} sx={{ containerType: 'inline-size' }}>
      <Box sx={{ ...gridStyles(Number(props.columns), props.gap), minHeight: 32 }}>{slots.children}</Box>
    </Box>
  );
}

/** Children in columns; rows come as they are needed. A child with a span takes that many of twelve. */
export const control: Control<GridProps> = {
  type: 'grid',
  title: 'controls:grid.title',
  icon: GridViewIcon,
  group: 'layout',
  schema: {
    columns: {
      kind: 'enum',
      label: 'controls:grid.columns',
      help: 'controls:grid.columnsHelp',
      group: 'layout',
      default: 2,
      options: [
        { value: 1, label: 'controls:grid.one' },
        { value: 2, label: 'controls:grid.two' },
        { value: 3, label: 'controls:grid.three' },
        { value: 4, label: 'controls:grid.four' },
        { value: 6, label: 'controls:grid.six' },
      ],
    },
    gap: gapSpec,
  },
  defaults: { columns: 2, gap: 'medium' },
  slots: ['children'],
  View: Grid,
};
