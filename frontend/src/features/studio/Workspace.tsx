import Box from '@mui/material/Box';
import { Suspense } from 'react';
import { Outlet } from 'react-router';
import { useComponentId, useDraftSelector, useOpenDraft } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton, useTitle } from '@/ui/PageFrame';
import { Bar } from './Bar';
import { Conflict } from './Conflict';
import { Rail } from './Rail';

/** The workspace of one component: bar, rail, and the editor that the address names. */
export function Component() {
  const component = useComponentId();
  const { ready, error, again, retrySave } = useOpenDraft(component);
  if (error !== undefined) {
    return (
      <Box sx={{ p: 3, maxWidth: 640, mx: 'auto' }}>
        <ErrorNotice error={error} onRetry={again} />
      </Box>
    );
  }
  return ready ? <Editors key={component} component={component} onRetrySave={retrySave} /> : <RowsSkeleton rows={8} />;
}

function Editors({ component, onRetrySave }: { component: string; onRetrySave: () => void }) {
  const name = useDraftSelector(component, (doc) => doc.displayName || doc.id || '');
  useTitle(name);
  return (
    <Box sx={{ display: 'flex', height: '100%' }}>
      <Bar component={component} name={name} onRetrySave={onRetrySave} />
      <Rail component={component} />
      <Box sx={{ flex: 1, minWidth: 0, overflow: 'auto', position: 'relative' }}>
        <Suspense fallback={<RowsSkeleton rows={8} />}>
          <Outlet />
        </Suspense>
      </Box>
      <Conflict component={component} />
    </Box>
  );
}
