import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { useTranslation } from 'react-i18next';
import { isApiError, type RenameResponse } from '@/api';

/** Most lines of a list that are shown. */
const shown = 50;

/** What a change does, what it leaves alone, or what stands in its way. */
export function Told({ told, error }: { told: RenameResponse | undefined; error: unknown }) {
  const { t } = useTranslation('rewrite');
  const violations = isApiError(error) ? error.violations : [];
  return (
    <>
      {violations.length > 0 && <Lines lines={violations.map((one) => `${one.field}: ${one.description}`)} />}
      {told !== undefined && (
        <Box>
          {t('changes', { count: told.changes?.length ?? 0 })}
          <Lines lines={(told.changes ?? []).map((one) => `${one.component} › ${one.path}: ${one.after || t('unnamed')}`)} />
        </Box>
      )}
      {(told?.mentions?.length ?? 0) > 0 && (
        <Alert severity="warning">
          {t('mentions')}
          <Lines lines={(told?.mentions ?? []).map((one) => `${one.component} › ${one.path}: ${one.text}`)} />
        </Alert>
      )}
    </>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const { t } = useTranslation('rewrite');
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5, typography: 'body2', overflowWrap: 'anywhere' }}>
      {lines.slice(0, shown).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {lines.length > shown && <li>{t('more', { count: lines.length - shown })}</li>}
    </Box>
  );
}
