import Chip from '@mui/material/Chip';
import { useTranslation } from 'react-i18next';
import type { Run } from '@/api';

const colors = {
  RUN_STATE_UNSPECIFIED: 'default',
  RUN_STATE_RUNNING: 'info',
  RUN_STATE_WAITING: 'warning',
  RUN_STATE_SUCCEEDED: 'success',
  RUN_STATE_FAILED: 'error',
  RUN_STATE_CANCELED: 'default',
} as const;

/** Where a run stands. */
export function RunState({ state = 'RUN_STATE_UNSPECIFIED' }: { state: Run['state'] }) {
  const { t } = useTranslation('workplace');
  return <Chip variant="outlined" color={colors[state]} label={t(`runs.states.${state}`)} />;
}
