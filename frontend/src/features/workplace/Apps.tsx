import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import AppsIcon from '@mui/icons-material/AppsOutlined';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api, type PublishedComponent } from '@/api';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';

/** The pages that stand for themselves. */
function listed({ pages = [] }: PublishedComponent) {
  return pages.filter((page) => page.kind !== 'PAGE_KIND_MODAL');
}

/** The apps that are live, with the pages that the user may open. */
export function Component() {
  const { t } = useTranslation('workplace');
  const { data, error, isLoading, refetch } = api.useListPublishedComponentsQuery();
  const apps = (data?.components ?? []).filter((one) => one.hidden !== true && one.homePage);
  return (
    <PageFrame title={t('title')} text={t('text')}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && (
        <Card>
          <RowsSkeleton />
        </Card>
      )}
      {data !== undefined && apps.length === 0 && (
        <Card>
          <EmptyState icon={<AppsIcon />} title={t('empty')} text={t('emptyText')} />
        </Card>
      )}
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))' }}>
        {apps.map((app) => (
          <Card key={app.id} component="article" aria-label={app.displayName} sx={{ p: 2 }}>
            <Typography variant="h2">
              <Link component={RouteLink} to={`/work/${app.id}`} sx={{ color: 'text.primary' }}>
                {app.displayName || app.id}
              </Link>
            </Typography>
            <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5, mb: 1 }}>
              {app.description}
            </Typography>
            <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 0.5 }}>
              {listed(app).map((page) => (
                <li key={page.id}>
                  <Link component={RouteLink} to={`/work/${app.id}/${page.id}`} variant="body2">
                    {page.title || page.id}
                  </Link>
                </li>
              ))}
            </Box>
          </Card>
        ))}
      </Box>
    </PageFrame>
  );
}
