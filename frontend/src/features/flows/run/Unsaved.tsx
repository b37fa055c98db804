import Alert from '@mui/material/Alert';
import { useTranslation } from 'react-i18next';
import type { Saving } from '@/draft';

/** Says why a test did not begin: it takes what is saved. */
export function Unsaved({ saving }: { saving: Saving | undefined }) {
  const { t } = useTranslation('flows');
  if (saving === undefined) return null;
  return <Alert severity="warning">{t('run.unsaved')}</Alert>;
}
