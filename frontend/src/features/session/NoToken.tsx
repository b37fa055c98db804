import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTitle } from '@/ui/PageFrame';
import { Card } from './AccountForm';

/** Somebody opened the page of a one-time link without the link. */
export function NoToken() {
  const { t } = useTranslation('session');
  useTitle(t('noToken.title'));
  return (
    <Card>
      <Typography variant="h1">{t('noToken.title')}</Typography>
      <Typography variant="body2" sx={{ color: 'text.secondary', mt: 0.5, mb: 2.5 }}>
        {t('noToken.text')}
      </Typography>
      <Button variant="contained" component={Link} to="/sign-in">
        {t('noToken.signIn')}
      </Button>
    </Card>
  );
}
