import Breadcrumbs from '@mui/material/Breadcrumbs';
import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import FolderIcon from '@mui/icons-material/FolderOutlined';
import MoveIcon from '@mui/icons-material/DriveFileMoveOutlined';
import { useTranslation } from 'react-i18next';
import { Link as RouterLink } from 'react-router';
import type { Folder } from '@/api';
import { addressOf, nameOf } from './folder';

/** Where one is: the folders around this one, each a way back. */
export function Path({ folder }: { folder: string }) {
  const { t } = useTranslation('files');
  const names = folder.split('/');
  return (
    <Breadcrumbs aria-label={t('path')}>
      <Link component={RouterLink} to={addressOf('')} variant="body2">
        {t('all')}
      </Link>
      {names.map((name, i) =>
        i === names.length - 1 ? (
          <Typography key={i} variant="body2" aria-current="page">
            {name}
          </Typography>
        ) : (
          <Link key={i} component={RouterLink} to={addressOf(names.slice(0, i + 1).join('/'))} variant="body2">
            {name}
          </Link>
        ),
      )}
    </Breadcrumbs>
  );
}

/** The folders in a folder. */
export function Folders({ folders, onMove }: { folders: readonly Folder[]; onMove: ((folder: Folder) => void) | undefined }) {
  const { t } = useTranslation('files');
  return (
    <Card>
      <List disablePadding aria-label={t('folders')} sx={{ '& > li:last-child': { border: 0 } }}>
        {folders.map((folder) => {
          const [path, name] = [folder.path ?? '', nameOf(folder.path ?? '')];
          return (
            <ListItem
              key={path}
              disablePadding
              divider
              secondaryAction={
                onMove !== undefined && (
                  <Tooltip title={t('move')}>
                    <IconButton edge="end" aria-label={t('moveThis', { name })} onClick={() => onMove(folder)}>
                      <MoveIcon fontSize="small" />
                    </IconButton>
                  </Tooltip>
                )
              }
            >
              <ListItemButton component={RouterLink} to={addressOf(path)}>
                <ListItemIcon sx={{ minWidth: 40, color: 'text.secondary' }}>
                  <FolderIcon fontSize="small" />
                </ListItemIcon>
                <ListItemText
                  primary={
                    <Box component="span" sx={{ overflowWrap: 'anywhere' }}>
                      {name}
                    </Box>
                  }
                  secondary={t('inFolder', { count: Number(folder.files ?? 0) })}
                  slotProps={{ primary: { variant: 'body2' }, secondary: { variant: 'body2' } }}
                />
              </ListItemButton>
            </ListItem>
          );
        })}
      </List>
    </Card>
  );
}
