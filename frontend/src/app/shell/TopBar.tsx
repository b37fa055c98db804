import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import IconButton from '@mui/material/IconButton';
import MenuIcon from '@mui/icons-material/Menu';
import SearchIcon from '@mui/icons-material/Search';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '@/api/session';
import { features } from '../features';
import { ModeButton } from './ModeButton';
import { UserMenu } from './UserMenu';

interface TopBarProps {
  onMenu: () => void;
  onSearch: () => void;
  titleRef: (element: HTMLElement | null) => void;
  actionsRef: (element: HTMLElement | null) => void;
  /** There is no side navigation, so the menu button stays on a wide screen too. */
  wide: boolean;
}

export function TopBar({ onMenu, onSearch, titleRef, actionsRef, wide }: TopBarProps) {
  const { t } = useTranslation('app');
  const { tenant } = useSession();
  return (
    <Box
      component="header"
      sx={{
        display: 'flex', alignItems: 'center', gap: 1, height: 48, flexShrink: 0, px: 1.5, bgcolor: 'background.paper', borderBottom: 1,
        borderColor: 'divider',
      }}
    >
      <IconButton aria-label={t('menu')} onClick={onMenu} sx={{ display: wide ? 'inline-flex' : { md: 'none' } }}>
        <MenuIcon fontSize="small" />
      </IconButton>
      <Box sx={{ flex: '1 1 0', minWidth: 0, display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box component={Link} to="/" aria-label={t('homeLink')} sx={{ lineHeight: 0, borderRadius: 1 }}>
          <img src="/icon.svg" alt="" width={22} height={22} />
        </Box>
        <Box ref={titleRef} sx={{ minWidth: 0, display: 'flex', alignItems: 'center', gap: 1, '&:empty': { display: 'none' }, '&:empty + *': { display: 'block' } }} />
        <Box sx={{ display: 'none', fontWeight: 600, fontSize: '0.875rem', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
          {tenant?.displayName}
        </Box>
      </Box>
      <ButtonBase
        onClick={onSearch}
        sx={{
          display: 'flex', gap: 1, height: 30, px: { xs: 0.75, sm: 1.25 }, width: { sm: 290 }, whiteSpace: 'nowrap', justifyContent: 'flex-start',
          border: { xs: 0, sm: 1 }, borderColor: { sm: 'divider' }, borderRadius: 1.5, color: 'text.secondary', fontFamily: 'inherit', fontSize: '0.8125rem',
          '&:hover, &.Mui-focusVisible': { borderColor: 'text.secondary' },
        }}
        aria-label={t('palette.open')}
        aria-keyshortcuts="Control+K"
      >
        <SearchIcon fontSize="small" />
        <Box component="span" sx={{ display: { xs: 'none', sm: 'block' }, flex: 1, textAlign: 'left' }}>
          {t('palette.open')}
        </Box>
        <Box component="kbd" sx={{ display: { xs: 'none', sm: 'block' }, fontFamily: 'inherit', fontSize: '0.6875rem', border: 1, borderColor: 'divider', borderRadius: 1, px: 0.5 }}>
          Ctrl K
        </Box>
      </ButtonBase>
      <Box sx={{ flex: { sm: '1 1 0' }, display: 'flex', alignItems: 'center', justifyContent: 'flex-end', gap: 0.5 }}>
        <Box ref={actionsRef} sx={{ display: 'flex', alignItems: 'center', gap: 1, '&:not(:empty)': { mr: 1 } }} />
        {features.map(({ name, Bar }) => Bar && <Bar key={name} />)}
        <ModeButton />
        <UserMenu />
      </Box>
    </Box>
  );
}
