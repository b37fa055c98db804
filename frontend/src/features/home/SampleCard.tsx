import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import CheckIcon from '@mui/icons-material/CheckCircleOutlined';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { Link } from 'react-router';
import { afterPublication, api, type Installation, isApiError, type Sample } from '@/api';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';

const pollEvery = 600; // ms

/** Follows an installation until it ends; undefined when there is none yet. */
function useInstallation(sample: string) {
  const dispatch = useDispatch();
  // The interval is chosen by what the last answer said.
  const { data } = api.endpoints.getInstallation.useQueryState({ sample });
  const running = data?.state === 'INSTALLATION_STATE_RUNNING';
  const query = api.useGetInstallationQuery({ sample }, { pollingInterval: running ? pollEvery : 0 });
  const before = useRef(running);
  useEffect(() => {
    if (before.current && !running) dispatch(api.util.invalidateTags([...afterPublication]));
    before.current = running;
  }, [running, dispatch]);
  const missing = isApiError(query.error) && query.error.status === 404;
  return { installation: missing ? undefined : query.data, error: missing ? undefined : query.error, waiting: query.isLoading };
}

/** A sample app: what it is, installing it with progress, and the way to it. */
export function SampleCard({ sample }: { sample: Sample }) {
  const { t } = useTranslation('home');
  const id = sample.id ?? '';
  const { can } = useSession();
  const { installation, error, waiting } = useInstallation(id);
  const [install, started] = api.useInstallSampleMutation();
  const running = started.isLoading || installation?.state === 'INSTALLATION_STATE_RUNNING';
  const done = !running && installation?.state === 'INSTALLATION_STATE_SUCCEEDED';
  return (
    <Card component="article" aria-label={sample.title} sx={{ p: 2, display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Box sx={{ flex: 1 }}>
        <Typography variant="h2" component="h3">
          {sample.title}
        </Typography>
        <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5 }}>
          {sample.description}
        </Typography>
      </Box>
      <ErrorNotice error={started.error ?? error} />
      {installation?.state === 'INSTALLATION_STATE_FAILED' && !running && <Alert severity="error">{installation.message}</Alert>}
      {running && <Progress installation={installation} title={sample.title ?? id} />}
      {done && (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
          <CheckIcon fontSize="small" color="success" />
          <Typography variant="body2" sx={{ flex: 1 }}>
            {t('installed')}
          </Typography>
          <Button component={Link} to="/work" variant="outlined">
            {t('open')}
          </Button>
        </Box>
      )}
      {!running && !done && can('samples.install') && (
        <Box>
          <Button variant="contained" disabled={waiting} onClick={() => void install({ sample: id, body: {} })}>
            {t(installation === undefined ? 'install' : 'installAgain')}
          </Button>
        </Box>
      )}
    </Card>
  );
}

function Progress({ installation, title }: { installation: Installation | undefined; title: string }) {
  const { t } = useTranslation('home');
  return (
    <Box role="status">
      <LinearProgress variant="determinate" value={installation?.progress ?? 0} aria-label={t('installing', { title })} />
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        {installation?.message || t('installing', { title })}
      </Typography>
    </Box>
  );
}
