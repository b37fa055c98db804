import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api, type RunEvent } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { AppLink } from '../AppLink';
import { Values } from '../Values';
import { RunState } from './RunState';
import { useAllRunEventsInfiniteQuery } from './runs';

const pollEvery = 120_000; // ms, while the run goes on; changes are told, this is for those that are not

/** One run with its history. */
export function RunDetail({ run: id }: { run: string }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const known = api.endpoints.getRun.useQueryState({ run: id }).data?.state;
  const live = known === undefined || known === 'RUN_STATE_RUNNING' || known === 'RUN_STATE_WAITING';
  const polling = { pollingInterval: live ? pollEvery : 0, skipPollingIfUnfocused: true };
  const { data: run, error, refetch } = api.useGetRunQuery({ run: id }, polling);
  const history = useAllRunEventsInfiniteQuery(id, polling);
  const events = history.data?.pages.flatMap((page) => page.events ?? []);
  const failed = run?.state === 'RUN_STATE_FAILED';
  return (
    <PageFrame
      title={run === undefined ? t('runs.title') : [run.workflow, run.businessKey].filter(Boolean).join(' · ')}
      actions={
        <Button component={RouteLink} to="/work/runs">
          {t('runs.back')}
        </Button>
      }
    >
      {error !== undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {run !== undefined && (
        <Box sx={{ display: 'grid', gap: 2 }}>
          <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.5 }}>
            <RunState state={run.state} />
            <Typography variant="body2" sx={{ color: 'text.secondary' }}>
              <AppLink component={run.component ?? ''} /> · {time(run.createTime)}
              {run.finishTime !== undefined && ` – ${time(run.finishTime)}`}
            </Typography>
          </Box>
          {failed && (
            <Alert severity="error">
              <strong>{run.error?.title || t('runs.failed')}</strong> {run.error?.detail}
            </Alert>
          )}
          <Card component="section" aria-label={t('runs.history')}>
            <Typography variant="h2" sx={{ p: 2, pb: 1 }}>
              {t('runs.history')}
            </Typography>
            <ErrorNotice error={history.error} />
            {events === undefined && history.error === undefined && <RowsSkeleton />}
            {events?.length === 0 && (
              <Typography variant="body2" sx={{ p: 2, pt: 0, color: 'text.secondary' }}>
                {t('runs.noEvents')}
              </Typography>
            )}
            <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
              {events?.map((event) => <Event key={event.seq} event={event} />)}
            </Box>
            {history.hasNextPage && (
              <Button onClick={() => void history.fetchNextPage()} loading={history.isFetching} sx={{ m: 1 }}>
                {t('runs.more')}
              </Button>
            )}
          </Card>
        </Box>
      )}
    </PageFrame>
  );
}

function Event({ event }: { event: RunEvent }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const type = event.type ?? '';
  return (
    <Box component="li" sx={{ px: 2, py: 1, borderTop: 1, borderColor: 'divider', display: 'grid', gap: 0.5 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', columnGap: 1.5 }}>
        <Typography variant="body2" sx={{ fontWeight: 600, color: type.endsWith('failed') ? 'error.main' : undefined }}>
          {t(`runs.events.${type.replace('.', '_')}`, { defaultValue: type })}
        </Typography>
        <Typography variant="body2" sx={{ color: 'text.secondary', flex: 1, overflowWrap: 'anywhere' }}>
          {event.task?.split('/').at(-1)}
          {(event.attempt ?? 0) > 1 && ` · ${t('runs.attempt', { count: event.attempt })}`}
        </Typography>
        <Typography variant="caption" sx={{ color: 'text.secondary' }}>
          {time(event.time)}
        </Typography>
      </Box>
      {event.error !== undefined && (
        <Typography variant="body2" sx={{ color: 'error.main' }}>
          {event.error.detail || event.error.title}
        </Typography>
      )}
      <Values values={event.output ?? undefined} />
    </Box>
  );
}
