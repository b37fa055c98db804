import Avatar from '@mui/material/Avatar';
import Box from '@mui/material/Box';
import Divider from '@mui/material/Divider';
import IconButton from '@mui/material/IconButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListSubheader from '@mui/material/ListSubheader';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Typography from '@mui/material/Typography';
import ApartmentIcon from '@mui/icons-material/ApartmentOutlined';
import CheckIcon from '@mui/icons-material/Check';
import LogoutIcon from '@mui/icons-material/LogoutOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { chooseLanguage, languages } from '../i18n';
import { useAccount } from './account';

const names = { en: 'English', de: 'Deutsch' } as const;

/** Who is signed in, in which tenant and language, and the way out. */
export function UserMenu() {
  const { t, i18n } = useTranslation('app');
  const { user, tenant, tenants = [] } = useSession();
  const { signOut, switchTenant } = useAccount();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => setAnchor(null);
  const name = user?.displayName || user?.email || '?';
  return (
    <>
      <IconButton aria-label={t('account', { name })} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(e) => setAnchor(e.currentTarget)}>
        <Avatar sx={{ width: 26, height: 26, fontSize: '0.75rem', fontWeight: 600, bgcolor: 'primary.main', color: 'primary.contrastText' }}>
          {name.slice(0, 1).toUpperCase()}
        </Avatar>
      </IconButton>
      <Menu disablePortal anchorEl={anchor} open={anchor !== null} onClose={close} slotProps={{ paper: { sx: { minWidth: 230, maxWidth: 360, mt: 0.5 } } }}>
        <Box component="li" role="none" sx={{ px: 2, py: 1, overflowWrap: 'anywhere' }}>
          <Typography variant="h3" component="p">
            {name}
          </Typography>
          <Typography variant="caption" sx={{ color: 'text.secondary' }}>
            {user?.email}
          </Typography>
        </Box>
        <Divider component="li" aria-hidden />
        {tenants.length > 1 && <ListSubheader sx={{ lineHeight: '28px' }}>{t('tenants')}</ListSubheader>}
        {tenants.length > 1 &&
          tenants.map((one) => (
            <MenuItem key={one.id} selected={one.id === tenant?.id} onClick={() => (close(), void switchTenant(one.id ?? ''))}>
              <ListItemIcon>
                <ApartmentIcon fontSize="small" />
              </ListItemIcon>
              <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
                {one.displayName}
              </Box>
            </MenuItem>
          ))}
        {languages.map((language) => (
          <MenuItem
            key={language}
            role="menuitemradio"
            aria-checked={i18n.language === language}
            lang={language}
            onClick={() => (close(), void chooseLanguage(i18n, language))}
          >
            <ListItemIcon>{i18n.language === language && <CheckIcon fontSize="small" />}</ListItemIcon>
            {names[language]}
          </MenuItem>
        ))}
        <Divider component="li" aria-hidden />
        <MenuItem onClick={() => (close(), void signOut())}>
          <ListItemIcon>
            <LogoutIcon fontSize="small" />
          </ListItemIcon>
          {t('signOut')}
        </MenuItem>
      </Menu>
    </>
  );
}
