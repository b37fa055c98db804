import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import RunsIcon from '@mui/icons-material/AccountTreeOutlined';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink, useSearchParams } from 'react-router';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { AppLink } from '../AppLink';
import { RunDetail } from './RunDetail';
import { RunState } from './RunState';
import { useAllRunsInfiniteQuery } from './runs';
import { Schedules } from './Schedules';

const pollEvery = 120_000; // ms; changes are told, this is for those that are not

/** The runs of workflows that the user may see, newest first, or one of them. */
export function Component() {
  const [search] = useSearchParams();
  const run = search.get('run');
  return run === null ? <Runs /> : <RunDetail key={run} run={run} />;
}

function Runs() {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useAllRunsInfiniteQuery(undefined, {
    pollingInterval: pollEvery,
    skipPollingIfUnfocused: true,
  });
  const runs = data?.pages.flatMap((page) => page.runs ?? []);
  return (
    <PageFrame title={t('runs.title')} text={t('runs.text')}>
      {error !== undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <Schedules />
      <Card>
        {runs === undefined && error === undefined && <RowsSkeleton />}
        {runs?.length === 0 && <EmptyState icon={<RunsIcon />} title={t('runs.empty')} text={t('runs.emptyText')} />}
        {runs !== undefined && runs.length > 0 && (
          <TableContainer>
            <Table aria-label={t('runs.title')}>
              <TableHead>
                <TableRow>
                  <TableCell>{t('runs.workflow')}</TableCell>
                  <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('runs.key')}</TableCell>
                  <TableCell>{t('runs.state')}</TableCell>
                  <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('runs.started')}</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {runs.map((run) => (
                  <TableRow key={run.id} hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                    <TableCell component="th" scope="row">
                      <Link component={RouteLink} to={`/work/runs?run=${encodeURIComponent(run.id ?? '')}`} sx={{ fontWeight: 600 }}>
                        {run.workflow}
                      </Link>
                      <Typography variant="caption" component="div" sx={{ color: 'text.secondary' }}>
                        <AppLink component={run.component ?? ''} />
                      </Typography>
                    </TableCell>
                    <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' }, overflowWrap: 'anywhere' }}>{run.businessKey}</TableCell>
                    <TableCell>
                      <RunState state={run.state} />
                    </TableCell>
                    <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' }, color: 'text.secondary' }}>{time(run.createTime)}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableContainer>
        )}
      </Card>
      {hasNextPage && (
        <Box sx={{ mt: 2, textAlign: 'center' }}>
          <Button onClick={() => void fetchNextPage()} loading={isFetching}>
            {t('runs.more')}
          </Button>
        </Box>
      )}
    </PageFrame>
  );
}
