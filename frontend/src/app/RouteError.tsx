import Button from '@mui/material/Button';
import ErrorOutlineIcon from '@mui/icons-material/ErrorOutlineOutlined';
import SearchOffIcon from '@mui/icons-material/SearchOff';
import { useTranslation } from 'react-i18next';
import { Link, useRouteError } from 'react-router';
import { EmptyState } from '@/ui/EmptyState';
import { useTitle } from '@/ui/PageFrame';

/** Stands in the place of a page that failed; the rest of the app goes on. */
export function RouteError() {
  const { t } = useTranslation('app');
  const error = useRouteError();
  useTitle(t('failed.title'));
  return (
    <EmptyState
      whole
      icon={<ErrorOutlineIcon />}
      title={t('failed.title')}
      text={error instanceof Error ? error.message : t('failed.text')}
      action={
        <Button variant="contained" onClick={() => window.location.reload()}>
          {t('failed.reload')}
        </Button>
      }
    />
  );
}

/** There is no page at this address. */
export function NotFound() {
  const { t } = useTranslation('app');
  useTitle(t('notFound.title'));
  return (
    <EmptyState
      whole
      icon={<SearchOffIcon />}
      title={t('notFound.title')}
      text={t('notFound.text')}
      action={
        <Button variant="contained" component={Link} to="/">
          {t('notFound.home')}
        </Button>
      }
    />
  );
}
