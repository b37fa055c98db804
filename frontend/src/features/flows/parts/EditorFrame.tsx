import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import BackIcon from '@mui/icons-material/ArrowBack';
import PlayIcon from '@mui/icons-material/PlayArrow';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTitle } from '@/ui/PageFrame';
import type { FlowKind } from './PartList';

interface EditorFrameProps {
  kind: FlowKind;
  name: string;
  problems: number;
  /** Opens and closes the place to try it; without it, nobody may. */
  onRun?: (() => void) | undefined;
  running: boolean;
  left?: ReactNode;
  centre: ReactNode;
  dock?: ReactNode;
  right: ReactNode;
}

/** How an editor of a flow is laid out: bar, palette, drawing, and the settings on the right. On a phone they lie below each other. */
export function EditorFrame({ kind, name, problems, onRun, running, left, centre, dock, right }: EditorFrameProps) {
  const { t } = useTranslation('flows');
  useTitle(name);
  return (
    <Box sx={{ height: { md: '100%' }, minHeight: '100%', display: 'flex', flexDirection: 'column' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 1.5, height: 44, flexShrink: 0, bgcolor: 'background.paper', borderBottom: 1, borderColor: 'divider' }}>
        <Tooltip title={t(`${kind}.all`)}>
          <IconButton component={Link} to=".." relative="path" aria-label={t(`${kind}.all`)}>
            <BackIcon fontSize="small" />
          </IconButton>
        </Tooltip>
        <Typography variant="h2" component="h1" noWrap>
          {name}
        </Typography>
        {problems > 0 && <Chip color="error" variant="outlined" label={t('problems', { count: problems })} component={Link} to="../../problems" relative="path" clickable />}
        <Box sx={{ flex: 1 }} />
        {onRun && (
          <Button variant="outlined" startIcon={<PlayIcon />} aria-pressed={running} onClick={onRun} sx={{ flexShrink: 0 }}>
            {t(kind === 'workflows' ? 'run.start' : 'run.title')}
          </Button>
        )}
      </Box>
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: { xs: 'column', md: 'row' } }}>
        {left && (
          <Box component="section" aria-label={t('palette.title')} sx={{ width: 212, flexShrink: 0, bgcolor: 'background.paper', borderRight: 1, borderColor: 'divider', minHeight: 0, display: { xs: 'none', lg: 'block' } }}>
            {left}
          </Box>
        )}
        <Box sx={{ flex: 1, minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
          <Box sx={{ flex: 1, minHeight: { xs: 420, md: 0 }, position: 'relative' }}>{centre}</Box>
          {dock}
        </Box>
        <Box component="section" aria-label={t('settings')} sx={{ width: { xs: 'auto', md: 372 }, flexShrink: 0, bgcolor: 'background.paper', borderLeft: { xs: 0, md: 1 }, borderTop: { xs: 1, md: 0 }, borderColor: { xs: 'divider', md: 'divider' }, overflowY: 'auto' }}>
          {right}
        </Box>
      </Box>
    </Box>
  );
}

/** The head of the settings: what they are of, and what can be done with it. */
export function PanelHead({ title, text, actions }: { title: string; text?: string | undefined; actions?: ReactNode }) {
  return (
    <Box sx={{ px: 2, py: 1.25, borderBottom: 1, borderColor: 'divider', display: 'flex', gap: 1, alignItems: 'flex-start' }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="h3" component="h2">
          {title}
        </Typography>
        {text && (
          <Typography variant="caption" component="p" sx={{ color: 'text.secondary', m: 0 }}>
            {text}
          </Typography>
        )}
      </Box>
      {actions}
    </Box>
  );
}
