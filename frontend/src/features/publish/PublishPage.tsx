import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api } from '@/api';
import { useSession } from '@/api/session';
import { useComponentId, useWholeDraft } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { Along } from './Along';
import { Plan } from './Plan';
import { Progress } from './Progress';

/** Shows what publishing the component would do, publishes it, and follows that. */
export function Component() {
  const { t } = useTranslation('publish');
  const id = useComponentId();
  const { base, doc, saving } = useWholeDraft(id);
  const [params, setParams] = useSearchParams();
  const publication = params.get('publication');
  const remove = params.has('remove');
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
    <PageFrame title={t(remove ? 'removeTitle' : 'title', { name })} text={t(remove ? 'removeText' : 'text')}>
      {saving === 'saved' ? (
        <Planned key={`${base.revision} ${remove}`} id={id} remove={remove} onStarted={(started) => setParams({ publication: started })} />
      ) : (
        <Alert severity="info">{t('unsaved')}</Alert>
      )}
    </PageFrame>
  );
}

interface PlannedProps {
  id: string;
  /** Takes the component out of what is live. */
  remove: boolean;
  onStarted: (publication: string) => void;
}

function Planned({ id, remove, onStarted }: PlannedProps) {
  const { doc } = useWholeDraft(id);
  const may = useSession().can('components.publish', id);
  const [plan, { data, error, isLoading, isUninitialized }] = api.usePlanPublicationMutation();
  const [along, setAlong] = useState<readonly string[]>([]);
  const choice = useMemo(() => (remove ? { remove: [id] } : { components: [id, ...along] }), [id, remove, along]);
  useEffect(() => {
    const request = plan({ body: choice });
    return () => request.abort();
  }, [plan, choice]);
  const failed = data === undefined ? error : undefined;
  return (
    <>
      {!remove && <Along component={id} chosen={along} onChange={setAlong} />}
      {failed !== undefined && <ErrorNotice error={failed} onRetry={() => void plan({ body: choice })} />}
      {(isLoading || isUninitialized) && <RowsSkeleton rows={6} />}
      {data !== undefined && <Plan plan={data} choice={choice} component={doc} may={may} onStarted={onStarted} />}
    </>
  );
}
