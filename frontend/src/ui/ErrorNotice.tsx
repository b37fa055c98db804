import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api';

interface ErrorNoticeProps {
  /** What RTK Query gave as error; nothing is drawn without one. */
  error: unknown;
  onRetry?: () => void;
}

/** Says why something failed: the server's own words, or ours where it gave none; with the request id for whoever looks it up. */
export function ErrorNotice({ error, onRetry }: ErrorNoticeProps) {
  const { t } = useTranslation('ui');
  if (error === undefined || error === null) return null;
  const known = isApiError(error) ? error : undefined;
  const internal = known === undefined || known.status >= 500 || known.reason === 'INTERNAL';
  return (
    <Alert
      severity="error"
      sx={{ '& .MuiAlert-message::first-letter': { textTransform: 'uppercase' } }}
      action={
        onRetry && (
          <Button color="inherit" onClick={onRetry} sx={{ whiteSpace: 'nowrap' }}>
            {t('retry')}
          </Button>
        )
      }
    >
      {known?.reason === 'OFFLINE' ? t('error.offline') : known?.message || t('error.internal')}
      {internal && known?.requestId !== undefined && (
        <Typography variant="caption" component="p">
          {t('error.request', { id: known.requestId })}
        </Typography>
      )}
    </Alert>
  );
}
