import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { PageFrame } from '@/ui/PageFrame';
import { Progress } from './Progress';

/** One publication. */
export function Component() {
  const { t } = useTranslation('publish');
  const { publication = '' } = useParams();
  const back = (
    <Button component={Link} to="/publications" variant="outlined">
      {t('all')}
    </Button>
  );
  return (
    <PageFrame title={t('one')} actions={back}>
      <Progress publication={publication} />
    </PageFrame>
  );
}
