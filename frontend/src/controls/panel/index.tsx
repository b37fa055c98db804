import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import ViewAgendaIcon from '@mui/icons-material/ViewAgendaOutlined';
import { useId } from 'react';
import type { Control, ControlProps } from '../contract';
import { fills, type Gap, gapOf, gapSpec } from '../layout/layout';

interface PanelProps {
  heading: string;
  orientation: 'vertical' | 'horizontal';
  justify: 'start' | 'center' | 'end' | 'between';
  align: 'stretch' | 'start' | 'center' | 'end';
  wrap: boolean;
  grow: boolean;
  gap: Gap;
  border: boolean;
}

const justifications = { start: 'flex-start', center: 'center', end: 'flex-end', between: 'space-between' } as const;
const alignments = { stretch: 'stretch', start: 'flex-start', center: 'center', end: 'flex-end' } as const;

function Panel({ props, slots }: ControlProps<PanelProps>) {
  const heading = useId();
  const horizontal = props.orientation === 'horizontal';
  return (
    <Box
      {...(props.heading !== '' && { role: 'group', 'aria-labelledby': heading })}
      sx={props.border ? { border: 1, borderColor: 'divider', borderRadius: 1, bgcolor: 'background.paper', p: 2 } : undefined}
    >
      {props.heading !== '' && (
        <Typography id={heading} variant="h2" sx={{ mb: 1.5 }}>
          {props.heading}
        </Typography>
      )}
      <Box
        sx={{
          display: 'flex',
          flexDirection: horizontal ? 'row' : 'column',
          flexWrap: horizontal && props.wrap ? 'wrap' : 'nowrap',
          justifyContent: justifications[props.justify],
          alignItems: alignments[props.align],
          gap: gapOf(props.gap),
          minHeight: 32,
          ...(horizontal && {
            // Buttons and texts are as wide as they are; inputs and what has no width of its own share the rest.
            [`& > .aq-node:has(> .${fills}, > .MuiTextField-root, > .MuiAutocomplete-root, .MuiDataGrid-root)`]: { flex: '1 1 220px' },
            ...(props.grow && { '& > .aq-node': { flex: '1 1 0' } }),
          }),
        }}
      >
        {slots.children}
      </Box>
    </Box>
  );
}

/** Children in a row or in a column. */
export const control: Control<PanelProps> = {
  type: 'panel',
  title: 'controls:panel.title',
  icon: ViewAgendaIcon,
  group: 'layout',
  schema: {
    heading: { kind: 'text', label: 'controls:panel.heading', group: 'content', default: '', bindable: true },
    orientation: {
      kind: 'enum',
      label: 'controls:panel.orientation',
      group: 'layout',
      default: 'vertical',
      options: [
        { value: 'vertical', label: 'controls:panel.vertical' },
        { value: 'horizontal', label: 'controls:panel.horizontal' },
      ],
    },
    justify: {
      kind: 'enum',
      label: 'controls:panel.justify',
      group: 'layout',
      default: 'start',
      options: [
        { value: 'start', label: 'controls:panel.start' },
        { value: 'center', label: 'controls:panel.center' },
        { value: 'end', label: 'controls:panel.end' },
        { value: 'between', label: 'controls:panel.between' },
      ],
    },
    align: {
      kind: 'enum',
      label: 'controls:panel.align',
      group: 'layout',
      default: 'stretch',
      options: [
        { value: 'stretch', label: 'controls:panel.stretch' },
        { value: 'start', label: 'controls:panel.start' },
        { value: 'center', label: 'controls:panel.center' },
        { value: 'end', label: 'controls:panel.end' },
      ],
    },
    wrap: { kind: 'boolean', label: 'controls:panel.wrap', group: 'layout', default: true },
    grow: { kind: 'boolean', label: 'controls:panel.grow', help: 'controls:panel.growHelp', group: 'layout', default: false },
    gap: gapSpec,
    border: { kind: 'boolean', label: 'controls:panel.border', group: 'style', default: false },
  },
  defaults: { heading: '', orientation: 'vertical', justify: 'start', align: 'stretch', wrap: true, grow: false, gap: 'medium', border: false },
  slots: ['children'],
  View: Panel,
};
