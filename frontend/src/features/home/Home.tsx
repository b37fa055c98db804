import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';
import { api } from '@/api';
import { componentsApi } from '@/api/components';
import { useSession } from '@/api/session';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { ComponentTable } from './ComponentTable';
import { SampleCard } from './SampleCard';

/** Those who only use apps have nothing to do here. */
export function Component() {
  return useSession().canSomewhere('components.read') ? <Home /> : <Navigate to="/work" replace />;
}

function Home() {
  const { t } = useTranslation('home');
  const { user, tenant } = useSession();
  const components = componentsApi.useAllComponentsQuery();
  const list = components.data ?? [];
  const first = components.data !== undefined && list.length === 0;
  return (
    <PageFrame
      title={first ? t('welcome', { name: user?.displayName ?? '' }) : (tenant?.displayName ?? '')}
      text={first ? t('welcomeText') : t('text')}
    >
      {components.error !== undefined && <ErrorNotice error={components.error} onRetry={() => void components.refetch()} />}
      {components.isLoading && (
        <Card>
          <RowsSkeleton />
        </Card>
      )}
      {list.length > 0 && <ComponentTable components={list} />}
      {components.data !== undefined && <Samples />}
    </PageFrame>
  );
}

function Samples() {
  const { t } = useTranslation('home');
  const samples = api.useListSamplesQuery();
  return (
    <Box component="section" aria-labelledby="samples" sx={{ mt: 4 }}>
      <Typography variant="h2" id="samples" sx={{ mb: 1.5 }}>
        {t('samples')}
      </Typography>
      {samples.error !== undefined && <ErrorNotice error={samples.error} onRetry={() => void samples.refetch()} />}
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))' }}>
        {samples.data?.samples?.map((sample) => (
          <SampleCard key={sample.id} sample={sample} />
        ))}
      </Box>
    </Box>
  );
}
