import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import DesktopIcon from '@mui/icons-material/DesktopWindowsOutlined';
import PhoneIcon from '@mui/icons-material/SmartphoneOutlined';
import TabletIcon from '@mui/icons-material/TabletOutlined';
import { useTranslation } from 'react-i18next';
import type { Device } from './canvas/Canvas';

const devices = [
  ['desktop', DesktopIcon],
  ['tablet', TabletIcon],
  ['phone', PhoneIcon],
] as const;

/** The width that the page is looked at in. */
export function DeviceToggle({ device, onChange }: { device: Device; onChange: (device: Device) => void }) {
  const { t } = useTranslation('pages');
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      value={device}
      onChange={(_, next: Device | null) => next !== null && onChange(next)}
      aria-label={t('device.label')}
      sx={{ order: -1, display: { xs: 'none', md: 'inline-flex' }, '& .MuiToggleButton-root': { px: 0.75, py: 0, height: 28 } }}
    >
      {devices.map(([name, Icon]) => (
        <ToggleButton key={name} value={name} aria-label={t(`device.${name}`)} title={t(`device.${name}`)}>
          <Icon sx={{ fontSize: 17 }} />
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
