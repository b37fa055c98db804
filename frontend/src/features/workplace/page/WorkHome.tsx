import AppsIcon from '@mui/icons-material/AppsOutlined';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import { api } from '@/api';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';

/** Opens an app at its first page. */
export function Component() {
  const { t } = useTranslation('workplace');
  const { component = '' } = useParams();
  const { data, error, refetch } = api.useListPublishedComponentsQuery();
  const app = data?.components?.find((one) => one.id === component);
  if (app?.homePage) return <Navigate to={`/work/${encodeURIComponent(component)}/${encodeURIComponent(app.homePage)}`} replace />;
  return (
    <PageFrame title={app?.displayName ?? component}>
      {error !== undefined && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === undefined && <RowsSkeleton />}
      {data !== undefined && <EmptyState icon={<AppsIcon />} title={t('noPages')} text={t('noPagesText')} />}
    </PageFrame>
  );
}
