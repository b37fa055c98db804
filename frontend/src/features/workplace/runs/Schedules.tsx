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
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api, type Schedule } from '@/api';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useTimes } from '@/ui/times';
import { AppLink } from '../AppLink';

const pollEvery = 60_000; // ms; nobody tells that the clock has started a run

/** When workflows start by themselves; nothing where none does. */
export function Schedules() {
  const { t } = useTranslation('workplace');
  const { data, error, refetch } = api.useListSchedulesQuery(undefined, { pollingInterval: pollEvery, skipPollingIfUnfocused: true });
  if (error !== undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  const schedules = data?.schedules ?? [];
  if (schedules.length === 0) return null;
  return (
    <Card sx={{ mb: 3 }}>
      <TableContainer>
        <Table aria-label={t('schedules.title')}>
          <TableHead>
            <TableRow>
              <TableCell>{t('schedules.title')}</TableCell>
              <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('schedules.when')}</TableCell>
              <TableCell>{t('schedules.next')}</TableCell>
              <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>{t('schedules.last')}</TableCell>
              <TableCell align="right">{t('schedules.actions')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {schedules.map((one) => (
              <Row key={`${one.component}/${one.workflow}`} schedule={one} />
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Card>
  );
}

function Row({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation('workplace');
  const time = useTimes();
  const session = useSession();
  const { component = '', workflow = '', paused = false } = schedule;
  const [pause, pausing] = api.usePauseScheduleMutation();
  const [resume, resuming] = api.useResumeScheduleMutation();
  const [start, starting] = api.useStartRunMutation();
  const error = pausing.error ?? resuming.error ?? starting.error;
  const name = schedule.title || workflow;
  return (
    <TableRow hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
      <TableCell component="th" scope="row">
        {name}
        <Typography variant="caption" component="div" sx={{ color: 'text.secondary' }}>
          <AppLink component={component} />
        </Typography>
        {schedule.problem !== '' && (
          <Typography variant="caption" component="div" color="error">
            {schedule.problem}
          </Typography>
        )}
        <ErrorNotice error={error} />
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{rule(schedule, t)}</TableCell>
      <TableCell>
        {paused ? <Chip variant="outlined" label={t('schedules.paused')} /> : schedule.nextTime === undefined ? t('schedules.waits') : time(schedule.nextTime)}
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>
        {schedule.lastRun !== '' && (
          <Link component={RouteLink} to={`/work/runs?run=${encodeURIComponent(schedule.lastRun ?? '')}`}>
            {time(schedule.lastTime)}
          </Link>
        )}
      </TableCell>
      <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
        {session.can('workflows.start', component) && (
          <Button size="small" loading={starting.isLoading} onClick={() => void start({ component, workflow, body: { requestId: crypto.randomUUID() } })}>
            {t('schedules.now')}
          </Button>
        )}
        {session.can('runs.manage', component) && (
          <Button
            size="small"
            loading={pausing.isLoading || resuming.isLoading}
            onClick={() => void (paused ? resume({ component, workflow, body: {} }) : pause({ component, workflow, body: {} }))}
          >
            {t(paused ? 'schedules.resume' : 'schedules.pause')}
          </Button>
        )}
      </TableCell>
    </TableRow>
  );
}

function rule({ cron, every, after }: Schedule, t: TFunction<'workplace'>): string {
  if (cron) return t('schedules.cron', { cron });
  return every ? t('schedules.every', { time: words(every) }) : t('schedules.after', { time: words(after ?? '') });
}

/** "PT1H30M0S" as "1 h 30 min". */
export function words(duration: string): string {
  const [, h, m, s] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration) ?? [];
  const parts = [h !== undefined && h !== '0' && `${h} h`, m !== undefined && m !== '0' && `${m} min`, s !== undefined && s !== '0' && `${s} s`];
  return parts.filter(Boolean).join(' ') || duration;
}
