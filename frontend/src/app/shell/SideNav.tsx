import Box from '@mui/material/Box';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import { useTranslation } from 'react-i18next';
import { matchPath, NavLink, useLocation, useMatch } from 'react-router';
import type { NavItem } from '@/ui/feature';
import { useNavItems } from './navigation';

/** The list of places, of those that the session may go to. */
export function SideNav({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation('app');
  return (
    <Box component="nav" aria-label={t('navigation')} sx={{ p: 1 }}>
      <List disablePadding sx={{ display: 'grid', gap: 0.25 }}>
        {useNavItems().map((item) => (
          <Item key={item.to} item={item} onGo={onGo} />
        ))}
      </List>
    </Box>
  );
}

function Item({ item, onGo }: { item: NavItem; onGo: (() => void) | undefined }) {
  const { t } = useTranslation(item.label.split(':')[0]);
  // Of two places of which one lies within the other, only the nearer one is here.
  const inner = useNavItems().filter((one) => one.to.startsWith(`${item.to}/`));
  const { pathname } = useLocation();
  const matches = useMatch({ path: item.to, end: item.to === '/' }) !== null;
  const here = matches && !inner.some((one) => matchPath({ path: one.to, end: false }, pathname) !== null);
  const Icon = item.icon;
  const Badge = item.Badge;
  return (
    <ListItem disablePadding>
      <ListItemButton component={NavLink} to={item.to} selected={here} onClick={() => onGo?.()} sx={{ py: 0.75, px: 1.25, color: here ? 'primary.main' : 'text.primary' }}>
        <ListItemIcon sx={{ minWidth: 30, color: here ? 'primary.main' : 'text.secondary' }}>
          <Icon fontSize="small" />
        </ListItemIcon>
        <ListItemText primary={t(item.label)} slotProps={{ primary: { variant: 'body2', sx: { fontWeight: here ? 600 : 500 } } }} />
        {Badge && <Badge />}
      </ListItemButton>
    </ListItem>
  );
}
