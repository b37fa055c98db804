import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';
import { currentPreview, leavePreview } from '@/api/preview';

/** Tells whoever tries drafts that they do, and lets them out. */
export function PreviewBanner() {
  const { t } = useTranslation('app');
  if (currentPreview() === null) return null;
  const leave = (
    <Button color="inherit" size="small" onClick={leavePreview}>
      {t('preview.leave')}
    </Button>
  );
  return (
    <Alert severity="warning" variant="standard" role="complementary" aria-label={t('preview.title')} action={leave} sx={{ borderRadius: 0, py: 0 }}>
      <strong>{t('preview.title')}</strong> {t('preview.text')}
    </Alert>
  );
}
