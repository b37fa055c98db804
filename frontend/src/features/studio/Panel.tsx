import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';

/** A card with a heading and settings below each other. */
export function Panel({ title, wide = false, children }: { title: string; wide?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} sx={{ mb: 3 }}>
      <Typography variant="h3" component="h2" id={id} sx={{ px: 2, py: 1.25, borderBottom: 1, borderColor: 'divider' }}>
        {title}
      </Typography>
      <Box sx={{ p: 2, display: 'grid', gap: 2, maxWidth: wide ? undefined : 640 }}>{children}</Box>
    </Card>
  );
}
