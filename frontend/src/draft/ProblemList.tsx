import Box from '@mui/material/Box';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import Typography from '@mui/material/Typography';
import ErrorIcon from '@mui/icons-material/ErrorOutlined';
import WarningIcon from '@mui/icons-material/WarningAmberOutlined';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Component, Problem } from '@/api';
import { placeOf, sorted } from './places';

interface ProblemListProps {
  problems: readonly Problem[];
  /** The component that is open; those in it are told by its titles, others by their component. */
  component: Component | undefined;
}

/** Problems, errors first; each leads to its place. */
export function ProblemList({ problems, component }: ProblemListProps) {
  const { t } = useTranslation('studio');
  return (
    <List disablePadding aria-label={t('rail.problems')}>
      {sorted(problems).map((problem, i) => (
        <Row key={i} component={component} problem={problem} />
      ))}
    </List>
  );
}

function Row({ component, problem }: { component: Component | undefined; problem: Problem }) {
  const { t } = useTranslation('studio');
  const elsewhere = component === undefined || (problem.component ?? '') !== component.id;
  const place = placeOf(problem, elsewhere ? {} : component);
  const warning = problem.severity === 'SEVERITY_WARNING';
  const Icon = warning ? WarningIcon : ErrorIcon;
  const line = (problem.line ?? 0) > 0 ? [t('problems.line', { line: problem.line, column: problem.column })] : [];
  return (
    <ListItem disablePadding divider sx={{ '&:last-child': { border: 0 } }}>
      <ListItemButton component={Link} to={`/studio/${problem.component || component?.id}/${place.to}`} sx={{ borderRadius: 0, gap: 1.5, alignItems: 'flex-start', px: 2, py: 1.25 }}>
        <Icon fontSize="small" color={warning ? 'warning' : 'error'} titleAccess={t(warning ? 'problems.warning' : 'problems.error')} sx={{ mt: 0.125 }} />
        <Box sx={{ minWidth: 0 }}>
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {problem.message}
          </Typography>
          <Typography variant="caption" component="p" sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
            {[...(elsewhere ? [problem.component] : []), t(`place.${place.kind}`, { name: place.name }), ...place.within, ...line].join(' › ')}
          </Typography>
          {problem.suggestion !== undefined && problem.suggestion !== '' && (
            <Typography variant="caption" component="p" sx={{ overflowWrap: 'anywhere' }}>
              {t('problems.suggestion')} <code>{problem.suggestion}</code>
            </Typography>
          )}
        </Box>
      </ListItemButton>
    </ListItem>
  );
}
