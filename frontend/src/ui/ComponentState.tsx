import Chip from '@mui/material/Chip';
import { useTranslation } from 'react-i18next';
import type { Component } from '@/api';
import { stateOf } from '@/api/components';

const colors = { draft: 'default', changed: 'warning', live: 'success' } as const;

/** Whether a component is live, and whether there are changes that are not. */
export function ComponentState({ component }: { component: Component }) {
  const { t } = useTranslation('ui');
  const state = stateOf(component);
  return <Chip variant="outlined" color={colors[state]} label={t(`state.${state}`)} />;
}
