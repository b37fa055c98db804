import Card from '@mui/material/Card';
import DoneIcon from '@mui/icons-material/CheckCircleOutlined';
import { useTranslation } from 'react-i18next';
import { ProblemList, useChecked, useComponentId, useDraft } from '@/draft';
import { EmptyState } from '@/ui/EmptyState';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';

/** All that the server's check found; each leads to its place. */
export function Component() {
  const { t } = useTranslation('studio');
  const id = useComponentId();
  const component = useDraft(id);
  const checked = useChecked(id);
  return (
    <PageFrame title={t('rail.problems')} text={t('problems.text')}>
      <Card>
        {checked === undefined && <RowsSkeleton />}
        {checked?.problems.length === 0 && <EmptyState icon={<DoneIcon color="success" />} title={t('problems.none')} text={t('problems.noneText')} />}
        {checked !== undefined && checked.problems.length > 0 && <ProblemList problems={checked.problems} component={component} />}
      </Card>
    </PageFrame>
  );
}
