import Badge from '@mui/material/Badge';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import CodeIcon from '@mui/icons-material/Code';
import DataIcon from '@mui/icons-material/TableRowsOutlined';
import DataflowIcon from '@mui/icons-material/SchemaOutlined';
import ModelIcon from '@mui/icons-material/StorageOutlined';
import OverviewIcon from '@mui/icons-material/TuneOutlined';
import PagesIcon from '@mui/icons-material/WebOutlined';
import ProblemsIcon from '@mui/icons-material/ErrorOutlined';
import WorkflowIcon from '@mui/icons-material/AccountTreeOutlined';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { useSession } from '@/api/session';
import { useChecked } from '@/draft';
import { type Command, useCommands } from '@/ui/commands';

const places = [
  { to: '', icon: OverviewIcon, name: 'overview' },
  { to: 'pages', icon: PagesIcon, name: 'pages' },
  { to: 'model', icon: ModelIcon, name: 'model' },
  { to: 'dataflows', icon: DataflowIcon, name: 'dataflows' },
  { to: 'workflows', icon: WorkflowIcon, name: 'workflows' },
  { to: 'scripts', icon: CodeIcon, name: 'scripts' },
  { to: 'data', icon: DataIcon, name: 'data' },
  { to: 'problems', icon: ProblemsIcon, name: 'problems' },
] as const;

/** The editors of a component, one below the other. */
export function Rail({ component }: { component: string }) {
  const { t } = useTranslation('studio');
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const problems = useChecked(component)?.problems ?? [];
  const errors = problems.some((problem) => problem.severity === 'SEVERITY_ERROR');
  const mayRead = useSession().can('entries.read', component);
  const shown = places.filter((place) => place.name !== 'data' || mayRead);
  const root = `/studio/${component}`;
  const here = pathname.slice(root.length + 1).split('/')[0] ?? '';
  const commands = useMemo<Command[]>(
    () => places.map(({ to, name }) => ({ id: `studio ${name}`, title: t(`rail.${name}`), group: t('nav'), run: () => void navigate(to === '' ? root : `${root}/${to}`) })),
    [t, navigate, root],
  );
  useCommands(commands);
  return (
    <Box
      component="nav"
      aria-label={t('rail.label')}
      sx={{ width: { xs: 48, md: 76 }, flexShrink: 0, display: 'flex', flexDirection: 'column', alignItems: 'center', gap: 0.5, py: 1, bgcolor: 'background.paper', borderRight: 1, borderColor: 'divider', overflowY: 'auto' }}
    >
      {shown.map(({ to, icon: Icon, name }) => {
        const count = name === 'problems' ? problems.length : 0;
        const selected = here === to;
        return (
          <Tooltip key={name} title={t(`rail.${name}`)} placement="right">
            <IconButton
              component={NavLink}
              to={to === '' ? root : `${root}/${to}`}
              end={to === ''}
              aria-label={count > 0 ? t('rail.problemCount', { count }) : t(`rail.${name}`)}
              sx={{ flexDirection: 'column', borderRadius: 1.5, width: { xs: 34, md: 70 }, minHeight: 34, flexShrink: 0, py: { md: 0.625 }, px: 0.25, color: selected ? 'primary.main' : 'text.secondary', bgcolor: selected ? 'action.selected' : undefined }}
            >
              <Badge badgeContent={count} max={99} color={errors ? 'error' : 'warning'} sx={{ '& .MuiBadge-badge': { fontSize: '0.625rem', height: 15, minWidth: 15, px: 0.5 } }}>
                <Icon fontSize="small" />
              </Badge>
              {/* The name that the button has for those who cannot see it. */}
              <Typography component="span" aria-hidden sx={{ color: selected ? 'text.primary' : undefined, display: { xs: 'none', md: 'block' }, fontSize: '0.6875rem', lineHeight: 1.2, mt: 0.375, maxWidth: '100%', textAlign: 'center', hyphens: 'auto' }}>
                {t(`rail.${name}`)}
              </Typography>
            </IconButton>
          </Tooltip>
        );
      })}
    </Box>
  );
}
