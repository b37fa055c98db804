import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import RocketIcon from '@mui/icons-material/RocketLaunchOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api, type PlannedComponent } from '@/api';
import { useSession } from '@/api/session';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { Restore } from './Restore';
import { phaseOf } from './state';

const colors = { pending: 'default', expanding: 'info', contracting: 'info', succeeded: 'success', failed: 'error' } as const;

const namesOf = (components: readonly PlannedComponent[] | undefined) => (components ?? []).map((one) => one.component).join(', ');

/** What was published, and the releases that can be brought back. */
export function Component() {
  const { t } = useTranslation('publish');
  return (
    <PageFrame title={t('nav')} text={t('navText')}>
      <PublicationTable />
      <Typography variant="h2" id="releases" sx={{ mt: 4, mb: 1.5 }}>
        {t('releases')}
      </Typography>
      <ReleaseTable />
    </PageFrame>
  );
}

function PublicationTable() {
  const { t } = useTranslation('publish');
  const date = useTimes();
  const [pages, setPages] = useState<readonly string[]>(['']);
  const pageToken = pages.at(-1) ?? '';
  const { data, error, isLoading, refetch } = api.useListPublicationsQuery({ pageSize: 20, pageToken }, { refetchOnMountOrArgChange: true });
  const publications = data?.publications ?? [];
  const next = data?.nextPageToken ?? '';
  return (
    <>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      {data !== undefined && publications.length === 0 && <EmptyState icon={<RocketIcon />} title={t('empty')} text={t('emptyText')} />}
      {publications.length > 0 && (
        <TableContainer component={Card}>
          <Table aria-label={t('nav')}>
            <TableHead>
              <TableRow>
                <TableCell>{t('column.when')}</TableCell>
                <TableCell>{t('column.state')}</TableCell>
                <TableCell>{t('column.components')}</TableCell>
                <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>{t('column.message')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {publications.map((one) => (
                <TableRow key={one.id} hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                  <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                    <Link component={RouteLink} to={`/publications/${one.id}`}>
                      {date(one.createTime)}
                    </Link>
                  </TableCell>
                  <TableCell>
                    <Chip variant="outlined" color={colors[phaseOf(one)]} label={t(`state.${phaseOf(one)}`)} />
                  </TableCell>
                  <TableCell sx={{ overflowWrap: 'anywhere' }}>{namesOf(one.components)}</TableCell>
                  <TableCell sx={{ display: { xs: 'none', md: 'table-cell' }, color: 'text.secondary' }}>{one.message}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
      {(next !== '' || pages.length > 1) && (
        <Box sx={{ display: 'flex', gap: 1, mt: 1, justifyContent: 'flex-end' }}>
          <Button disabled={pages.length === 1} onClick={() => setPages(pages.slice(0, -1))}>
            {t('newer')}
          </Button>
          <Button disabled={next === ''} onClick={() => setPages([...pages, next])}>
            {t('older')}
          </Button>
        </Box>
      )}
    </>
  );
}

function ReleaseTable() {
  const { t } = useTranslation('publish');
  const date = useTimes();
  const may = useSession().can('components.publish');
  const { data, error, isLoading, refetch } = api.useListReleasesQuery({ pageSize: 20 }, { refetchOnMountOrArgChange: true });
  return (
    <>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      {(data?.releases?.length ?? 0) > 0 && (
        <TableContainer component={Card}>
          <Table aria-labelledby="releases">
            <TableHead>
              <TableRow>
                <TableCell>{t('column.made')}</TableCell>
                <TableCell>{t('column.components')}</TableCell>
                <TableCell>{t('column.state')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {data?.releases?.map((release) => (
                <TableRow key={release.id} sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                  <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                    {date(release.createTime)}
                  </TableCell>
                  <TableCell sx={{ overflowWrap: 'anywhere' }}>
                    {(release.components ?? []).map((one) => `${one.component} ${one.toRevision}`).join(', ')}
                  </TableCell>
                  <TableCell sx={{ whiteSpace: 'nowrap' }}>
                    {release.active === true && <Chip variant="outlined" color="success" label={t('live')} />}
                    {release.active !== true && may && <Restore release={release.id ?? ''} when={date(release.createTime)} />}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
    </>
  );
}
