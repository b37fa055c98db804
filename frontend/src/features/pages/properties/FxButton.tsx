import ButtonBase from '@mui/material/ButtonBase';
import Tooltip from '@mui/material/Tooltip';
import { useTranslation } from 'react-i18next';

/** Turns a setting into an expression, and back. */
export function FxButton({ label, bound, onToggle }: { label: string; bound: boolean; onToggle: () => void }) {
  const { t } = useTranslation('pages');
  return (
    <Tooltip title={t(bound ? 'fx.off' : 'fx.on')}>
      <ButtonBase
        aria-label={t('fx.label', { label })}
        aria-pressed={bound}
        onClick={onToggle}
        sx={{
          px: 0.75, height: 20, borderRadius: 1, fontFamily: 'serif', fontStyle: 'italic', fontSize: '0.75rem', flexShrink: 0,
          color: bound ? 'primary.contrastText' : 'text.secondary', bgcolor: bound ? 'primary.main' : 'action.hover',
          '&.Mui-focusVisible': { outline: 2, outlineStyle: 'solid', outlineColor: 'primary.main', outlineOffset: 1 },
        }}
      >
        fx
      </ButtonBase>
    </Tooltip>
  );
}
