import IconButton from '@mui/material/IconButton';
import { useColorScheme } from '@mui/material/styles';
import DarkModeIcon from '@mui/icons-material/DarkModeOutlined';
import LightModeIcon from '@mui/icons-material/LightModeOutlined';
import { useTranslation } from 'react-i18next';

/** The mode on the screen, and how to change to the other one. */
export function useMode(): { dark: boolean; toggle: () => void } {
  const { mode, systemMode, setMode } = useColorScheme();
  const dark = (mode === 'system' ? systemMode : mode) === 'dark';
  return { dark, toggle: () => setMode(dark ? 'light' : 'dark') };
}

/** Changes between light and dark. Its tip is the browser's own: MUI's would cost 10 kB of the first load. */
export function ModeButton() {
  const { t } = useTranslation('app');
  const { dark, toggle } = useMode();
  return (
    <IconButton title={t('mode.toggle')} aria-label={t('mode.toggle')} onClick={toggle}>
      {dark ? <LightModeIcon fontSize="small" /> : <DarkModeIcon fontSize="small" />}
    </IconButton>
  );
}
