import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect } from 'react';

interface PageFrameProps {
  title: string;
  text?: string | undefined;
  /** For content that stands side by side. */
  wide?: boolean;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The body of an ordinary page: its title, what can be done, and its content at a width that reads well. */
export function PageFrame({ title, text, wide = false, actions, children }: PageFrameProps) {
  useTitle(title);
  return (
    <Box sx={{ maxWidth: wide ? 1400 : 1080, mx: 'auto', px: { xs: 2, sm: 3 }, py: 3 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: 2, mb: 3 }}>
        <Box sx={{ flex: 1, minWidth: 200 }}>
          <Typography variant="h1">{title}</Typography>
          {text !== undefined && text !== '' && (
            <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5 }}>
              {text}
            </Typography>
          )}
        </Box>
        {actions}
      </Box>
      {children}
    </Box>
  );
}

/** Sets the title of the window. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Aqtra' : `${title} · Aqtra`;
  }, [title]);
}

/** Stands where rows will be. */
export function RowsSkeleton({ rows = 3 }: { rows?: number }) {
  return (
    <Box aria-hidden sx={{ p: 2, display: 'grid', gap: 1.5 }}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} variant="rounded" height={22} />
      ))}
    </Box>
  );
}
