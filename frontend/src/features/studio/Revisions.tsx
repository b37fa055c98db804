import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { api } from '@/api';
import { useSession } from '@/api/session';
import { draftActions, useWholeDraft } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { RevisionChanges } from '@/ui/RevisionChanges';
import { useTimes } from '@/ui/times';

/** The last saves of a component, each of which can be brought back. */
export function Revisions({ component }: { component: string }) {
  const { t } = useTranslation('studio');
  const { base, saving } = useWholeDraft(component);
  const dispatch = useDispatch();
  const mayWrite = useSession().can('components.write', component);
  const { data, error, isLoading, refetch } = api.useListRevisionsQuery({ component, pageSize: 20 });
  const [restore, restoring] = api.useRestoreRevisionMutation();
  const time = useTimes();
  const [open, setOpen] = useState('');
  const bringBack = async (revision: string) => {
    const result = await restore({ component, revision, body: { etag: base.etag } });
    if (result.data === undefined) return;
    // It is one step of undo like any other edit, already saved.
    dispatch(draftActions.edited({ component, doc: result.data, label: 'studio:do.restore', values: { revision }, at: Date.now() }));
    dispatch(draftActions.saved({ component, answer: result.data }));
  };
  return (
    <Card component="section" aria-labelledby="revisions">
      <Typography variant="h3" component="h2" id="revisions" sx={{ px: 2, py: 1.25, borderBottom: 1, borderColor: 'divider' }}>
        {t('revisions.title')}
      </Typography>
      <ErrorNotice error={error ?? restoring.error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      <TableContainer>
        <Table aria-labelledby="revisions">
          <TableHead>
            <TableRow>
              <TableCell>{t('revisions.number')}</TableCell>
              <TableCell>{t('revisions.what')}</TableCell>
              <TableCell>{t('revisions.when')}</TableCell>
              <TableCell>{t('revisions.action')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {data?.revisions?.map(({ revision = '', summary, createTime }) => (
              <Fragment key={revision}>
                <TableRow sx={open === revision ? { '& td': { borderBottom: 0 } } : { '&:last-child td': { borderBottom: 0 } }}>
                  <TableCell>{revision}</TableCell>
                  <TableCell sx={{ overflowWrap: 'anywhere' }}>{summary}</TableCell>
                  <TableCell sx={{ color: 'text.secondary', whiteSpace: { sm: 'nowrap' } }}>{time(createTime)}</TableCell>
                  <TableCell sx={{ py: 0, whiteSpace: 'nowrap' }}>
                    {revision !== '1' && (
                      <Button aria-expanded={open === revision} aria-label={t('revisions.changesOf', { revision })} onClick={() => setOpen(open === revision ? '' : revision)}>
                        {t(open === revision ? 'revisions.hide' : 'revisions.show')}
                      </Button>
                    )}
                    {mayWrite && revision !== base.revision && (
                      <Button disabled={saving !== 'saved' || restoring.isLoading} onClick={() => void bringBack(revision)} aria-label={t('revisions.restoreThis', { revision })}>
                        {t('revisions.restore')}
                      </Button>
                    )}
                  </TableCell>
                </TableRow>
                {open === revision && (
                  <TableRow sx={{ '&:last-child td': { borderBottom: 0 } }}>
                    <TableCell />
                    <TableCell colSpan={3} sx={{ pt: 0 }}>
                      <RevisionChanges component={component} from={String(BigInt(revision) - 1n)} to={revision} />
                    </TableCell>
                  </TableRow>
                )}
              </Fragment>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Card>
  );
}
