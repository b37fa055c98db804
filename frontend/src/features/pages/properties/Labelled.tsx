import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';

interface LabelledProps {
  label: string;
  help?: string | undefined;
  /** Stands right of the label. */
  beside?: ReactNode;
  /** Gets the id that the label is for. */
  children: (id: string) => ReactNode;
}

/** A setting: its label, its input below, and what there is to know. */
export function Labelled({ label, help, beside, children }: LabelledProps) {
  const id = useId();
  return (
    <Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 0.5, minHeight: 20 }}>
        <Typography component="label" htmlFor={id} variant="caption" sx={{ flex: 1, color: 'text.secondary' }}>
          {label}
        </Typography>
        {beside}
      </Box>
      {children(id)}
      {help !== undefined && (
        <Typography variant="caption" component="p" sx={{ mt: 0.25, px: 0.5, color: 'text.secondary' }}>
          {help}
        </Typography>
      )}
    </Box>
  );
}
