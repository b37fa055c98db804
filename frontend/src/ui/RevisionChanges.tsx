import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { ErrorNotice } from './ErrorNotice';

const signs = {
  DIFFERENCE_KIND_UNSPECIFIED: { sign: '', color: 'text.secondary' },
  DIFFERENCE_KIND_ADDED: { sign: '+', color: 'success.main' },
  DIFFERENCE_KIND_REMOVED: { sign: '−', color: 'error.main' },
  DIFFERENCE_KIND_CHANGED: { sign: '~', color: 'warning.main' },
  DIFFERENCE_KIND_MOVED: { sign: '↕', color: 'text.secondary' },
};

/** How two revisions of a component differ. */
export function RevisionChanges({ component, from, to }: { component: string; from: string; to: string }) {
  const { t } = useTranslation('ui');
  const { data, error, isFetching, refetch } = api.useDiffRevisionsQuery({ component, from, to });
  if (error !== undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (data === undefined || isFetching) return <CircularProgress size={20} aria-label={t('changes.comparing')} />;
  if ((data.differences ?? []).length === 0) return <Typography color="text.secondary">{t('changes.same')}</Typography>;
  return (
    <>
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {data.differences?.map(({ kind = 'DIFFERENCE_KIND_UNSPECIFIED', path, text }, i) => (
          <Box component="li" key={`${i} ${path ?? ''}`} sx={{ display: 'flex', gap: 1, overflowWrap: 'anywhere' }}>
            <Box component="span" aria-hidden sx={{ color: signs[kind].color, fontFamily: 'monospace', width: '1ch', flexShrink: 0 }}>
              {signs[kind].sign}
            </Box>
            <span>{text}</span>
          </Box>
        ))}
      </Box>
      {data.truncated === true && <Typography color="text.secondary">{t('changes.more')}</Typography>}
    </>
  );
}
