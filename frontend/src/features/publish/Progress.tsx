import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Component } from '@/api';
import { ProblemList } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { Revisions } from './Revisions';
import { ended, phaseOf } from './state';
import { useFollow } from './useFollow';
import { WhoMayUse } from './WhoMayUse';

interface ProgressProps {
  publication: string;
  component?: Component | undefined;
}

/** A publication while it runs, and how it ended. */
export function Progress({ publication: id, component }: ProgressProps) {
  const { t } = useTranslation('publish');
  const { publication, error } = useFollow(id);
  if (publication === undefined) return error === undefined ? <LinearProgress aria-label={t('state.pending')} /> : <ErrorNotice error={error} />;
  const phase = phaseOf(publication);
  const done = ended(publication);
  const problems = publication.problems ?? [];
  const gone = publication.components?.some((one) => one.component === component?.id && one.toRevision === '0') === true;
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Card sx={{ p: 2 }}>
        <Box role="status" sx={{ display: 'grid', gap: 1 }}>
          <Typography variant="h2">{t(`state.${phase}`)}</Typography>
          {!done && <LinearProgress variant="determinate" value={publication.progress ?? 0} aria-label={t(`state.${phase}`)} />}
          {phase === 'succeeded' && <Alert severity="success">{publication.message}</Alert>}
          {phase === 'failed' && <Alert severity="error">{publication.message}</Alert>}
          {!done && (
            <Typography variant="body2" sx={{ color: 'text.secondary' }}>
              {publication.message || t('waiting')}
            </Typography>
          )}
        </Box>
        {phase === 'succeeded' && !gone && (
          <Box sx={{ mt: 2, display: 'flex', gap: 1 }}>
            <Button component={Link} to={component === undefined ? '/work' : `/work/${component.id}`} variant="contained">
              {t('open')}
            </Button>
          </Box>
        )}
        {phase === 'succeeded' && !gone && component !== undefined && <WhoMayUse component={component} />}
      </Card>
      {problems.length > 0 && (
        <Card>
          <ProblemList problems={problems} component={component} />
        </Card>
      )}
      <Revisions components={publication.components ?? []} />
    </Box>
  );
}
