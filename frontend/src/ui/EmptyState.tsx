import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  text: string;
  /** The one thing to do next. */
  action?: ReactNode;
  /** It is all that the page has to say. */
  whole?: boolean;
}

/** Stands where a list would be that has nothing in it. */
export function EmptyState({ icon, title, text, action, whole = false }: EmptyStateProps) {
  return (
    <Box sx={{ textAlign: 'center', px: 3, py: 6, color: 'text.secondary' }}>
      <Box aria-hidden sx={{ fontSize: 36, lineHeight: 0, mb: 1.5, '& svg': { fontSize: 'inherit' } }}>
        {icon}
      </Box>
      <Typography variant="h2" component={whole ? 'h1' : 'p'} sx={{ color: 'text.primary' }}>
        {title}
      </Typography>
      <Typography variant="body2" sx={{ maxWidth: 420, mx: 'auto', mt: 0.5 }}>
        {text}
      </Typography>
      {action && <Box sx={{ mt: 2 }}>{action}</Box>}
    </Box>
  );
}
