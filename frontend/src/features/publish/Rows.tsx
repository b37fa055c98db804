import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import type { ReactNode } from 'react';

/** A list of what a plan says. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Card>
      <List disablePadding aria-label={label} sx={{ '& > li:last-child': { border: 0 } }}>
        {children}
      </List>
    </Card>
  );
}

/** One line of it, with a chip. */
export function Row({ chip, children }: { chip: ReactNode; children: ReactNode }) {
  return (
    <ListItem divider sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', px: 2, py: 1 }}>
      <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{children}</Box>
      {chip}
    </ListItem>
  );
}
