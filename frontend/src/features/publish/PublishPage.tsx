import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api } from '@/api';
import { useSession } from '@/api/session';
import { useComponentId, useWholeDraft } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { Plan } from './Plan';
import { Progress } from './Progress';

/** Shows what publishing the component would do, publishes it, and follows that. */
export function Component() {
  const { t } = useTranslation('publish');
  const id = useComponentId();
  const { base, doc, saving } = useWholeDraft(id);
  const [params, setParams] = useSearchParams();
  const publication = params.get('publication');
  const name = doc.displayName || id;
  if (publication !== null) {
    const back = (
      <Button component={Link} to={`/studio/${id}/publish`} variant="outlined">
        {t('planAgain')}
      </Button>
    );
    return (
      <PageFrame title={t('publishing', { name })} actions={back}>
        <Progress publication={publication} component={doc} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={t('title', { name })} text={t('text')}>
      {saving === 'saved' ? (
        <Planned key={base.revision} id={id} onStarted={(started) => setParams({ publication: started })} />
      ) : (
        <Alert severity="info">{t('unsaved')}</Alert>
      )}
    </PageFrame>
  );
}

function Planned({ id, onStarted }: { id: string; onStarted: (publication: string) => void }) {
  const { doc } = useWholeDraft(id);
  const may = useSession().can('components.publish', id);
  const [plan, { data, error, isLoading, isUninitialized }] = api.usePlanPublicationMutation();
  useEffect(() => {
    const request = plan({ body: { components: [id] } });
    return () => request.abort();
  }, [plan, id]);
  const failed = data === undefined ? error : undefined;
  return (
    <>
      {failed !== undefined && <ErrorNotice error={failed} onRetry={() => void plan({ body: { components: [id] } })} />}
      {(isLoading || isUninitialized) && <RowsSkeleton rows={6} />}
      {data !== undefined && <Plan plan={data} component={doc} may={may} onStarted={onStarted} />}
    </>
  );
}
