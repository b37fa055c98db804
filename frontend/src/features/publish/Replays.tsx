import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link as RouterLink } from 'react-router';
import type { Replay } from '@/api';
import { Row, Rows } from './Rows';
import { differences } from './state';

/** What recent runs of workflows and dataflows would do differently. */
export function Replays({ replays }: { replays: readonly Replay[] }) {
  const { t } = useTranslation('publish');
  return (
    <>
      <Typography variant="body2" sx={{ color: 'text.secondary', mb: 1 }}>
        {t('impact.replaysText')}
      </Typography>
      <Rows label={t('impact.replays')}>
        {replays.map((replay) => (
          <Row key={`${replay.component} ${replay.kind} ${replay.id}`} chip={<Outcome replay={replay} />}>
            <Typography variant="body2">
              <b>
                {t([`impact.kind.${replay.kind}`, replay.kind ?? ''])} {replay.title || replay.id}
              </b>{' '}
              · {replay.component}
            </Typography>
            {differences(replay).map(({ text, run, count }) => (
              <Typography key={text} variant="body2" sx={{ color: 'text.secondary' }}>
                {text} ({count})
                {run !== '' && (
                  <>
                    {' · '}
                    <Link component={RouterLink} to={`/work/runs?run=${run}`} target="_blank" underline="always">
                      {t('impact.showRun')}
                    </Link>
                  </>
                )}
              </Typography>
            ))}
            {replay.note !== '' && (
              <Typography variant="body2" sx={{ color: 'text.secondary' }}>
                {replay.note}
              </Typography>
            )}
          </Row>
        ))}
      </Rows>
    </>
  );
}

function Outcome({ replay: { runs = 0, same = 0, unknown = 0 } }: { replay: Replay }) {
  const { t } = useTranslation('publish');
  const differ = runs - same - unknown;
  if (runs === 0) return <Chip variant="outlined" label={t('impact.notReplayed')} />;
  if (differ > 0) return <Chip variant="outlined" color="warning" label={t('impact.differ', { count: differ, runs })} />;
  if (unknown > 0) return <Chip variant="outlined" label={t('impact.unknown', { count: unknown, runs })} />;
  return <Chip variant="outlined" color="success" label={t('impact.asBefore', { runs })} />;
}
