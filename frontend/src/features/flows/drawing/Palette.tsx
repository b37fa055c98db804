import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Spec } from '@/api';
import { useDrag } from './drop';
import { findSpecs } from './find';

interface PaletteProps {
  specs: readonly Spec[];
  onPick: (spec: Spec) => void;
  autoFocus?: boolean;
}

/** What can be added, in groups and found by words. */
export function Palette({ specs, onPick, autoFocus = false }: PaletteProps) {
  const { t } = useTranslation('flows');
  const [typed, setTyped] = useState('');
  const found = findSpecs(specs, typed);
  const groups = [...new Set(found.map((spec) => spec.group ?? ''))];
  const first = found[0];
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, height: '100%' }}>
      <Box sx={{ p: 1 }}>
        <TextField
          type="search"
          value={typed}
          placeholder={t('palette.search')}
          autoFocus={autoFocus}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && first !== undefined && typed.trim() !== '' && onPick(first)}
          slotProps={{ htmlInput: { 'aria-label': t('palette.search') } }}
        />
      </Box>
      <Box sx={{ overflowY: 'auto', flex: 1, minHeight: 0, px: 1, pb: 1 }}>
        {found.length === 0 && (
          <Typography variant="body2" sx={{ color: 'text.secondary', p: 1 }}>
            {t('palette.none')}
          </Typography>
        )}
        {groups.map((group) => (
          <Box key={group} role="group" aria-label={t(`group.${group}`, { defaultValue: group })} sx={{ mb: 1 }}>
            <Typography variant="caption" sx={{ color: 'text.secondary', px: 1, py: 0.5, display: 'block', fontWeight: 600 }}>
              {t(`group.${group}`, { defaultValue: group })}
            </Typography>
            {found
              .filter((spec) => (spec.group ?? '') === group)
              .map((spec) => (
                <Entry key={spec.type} spec={spec} onPick={onPick} />
              ))}
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Entry({ spec, onPick }: { spec: Spec; onPick: (spec: Spec) => void }) {
  const ref = useDrag<HTMLButtonElement>(spec.type ?? '');
  return (
    <ButtonBase
      ref={ref}
      onClick={() => onPick(spec)}
      title={spec.summary ?? ''}
      sx={{ display: 'block', width: '100%', textAlign: 'left', px: 1, py: 0.5, borderRadius: 1, typography: 'body2', '&:hover, &:focus-visible': { bgcolor: 'action.hover' } }}
    >
      {spec.title || spec.type}
    </ButtonBase>
  );
}

interface MenuProps extends PaletteProps {
  anchor: HTMLElement | null;
  onClose: () => void;
}

/** The palette at a "+". */
export function PaletteMenu({ anchor, onClose, ...palette }: MenuProps) {
  const { t } = useTranslation('flows');
  return (
    <Popover
      open={anchor !== null}
      anchorEl={anchor}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      transformOrigin={{ vertical: 'top', horizontal: 'center' }}
      slotProps={{ paper: { role: 'dialog', 'aria-label': t('palette.title'), sx: { width: 260, height: 380 } } }}
    >
      <Palette {...palette} autoFocus />
    </Popover>
  );
}
