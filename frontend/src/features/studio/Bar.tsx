import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import RedoIcon from '@mui/icons-material/Redo';
import UndoIcon from '@mui/icons-material/Undo';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink, useNavigate } from 'react-router';
import { useSession } from '@/api/session';
import { type Step, useHistory } from '@/draft';
import { BarActions, BarTitle } from '@/ui/bar';
import { type Command, useCommands } from '@/ui/commands';
import { SaveState } from './SaveState';

interface BarProps {
  component: string;
  name: string;
  onRetrySave: () => void;
}

/** What the workspace puts into the shell's bar. */
export function Bar({ component, name, onRetrySave }: BarProps) {
  const { t } = useTranslation('studio');
  const { can } = useSession();
  const [writes, may] = [can('components.write', component), can('components.publish', component)];
  return (
    <>
      <BarTitle>
        <Link component={RouteLink} to="/studio" variant="body2" sx={{ color: 'text.secondary', display: { xs: 'none', sm: 'inline' } }}>
          {t('nav')}
        </Link>
        <Typography variant="body2" component="span" sx={{ color: 'text.secondary', display: { xs: 'none', sm: 'inline' } }} aria-hidden>
          /
        </Typography>
        <Typography variant="body2" component="span" sx={{ fontWeight: 600, minWidth: 0 }} noWrap>
          {name}
        </Typography>
        <SaveState component={component} onRetry={onRetrySave} />
      </BarTitle>
      <BarActions>
        <UndoRedo component={component} />
        {writes && (
          <Button component={RouteLink} to={`/studio/${component}/try`} sx={{ display: { xs: 'none', sm: 'inline-flex' } }}>
            {t('try')}
          </Button>
        )}
        {may && (
          <Button component={RouteLink} to={`/studio/${component}/publish`} variant="contained">
            {t('publish')}
          </Button>
        )}
      </BarActions>
    </>
  );
}

/** In a text the browser's own undo is meant. */
function inText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'));
}

function UndoRedo({ component }: { component: string }) {
  const { undo, redo, next, again } = useHistory(component);
  const navigate = useNavigate();
  const spaces = [...new Set([next, again].map((step) => step?.label.split(':')[0] ?? 'studio'))];
  const { t } = useTranslation(['studio', ...spaces]);
  const words = (key: 'undo' | 'redo', step: Step | undefined) => t(`studio:${key}`, { what: step === undefined ? '' : t(step.label, step.values) });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || inText(event.target)) return;
      const key = event.key.toLowerCase();
      const back = key === 'z' && !event.shiftKey;
      if (!back && key !== 'y' && key !== 'z') return;
      event.preventDefault();
      (back ? undo : redo)();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [undo, redo]);
  const commands = useMemo<Command[]>(
    () => [
      { id: 'undo', title: t('studio:undo', { what: '' }), group: t('studio:edit'), shortcut: 'Ctrl Z', run: undo },
      { id: 'redo', title: t('studio:redo', { what: '' }), group: t('studio:edit'), shortcut: 'Ctrl Shift Z', run: redo },
      { id: 'try', title: t('studio:try'), group: t('studio:edit'), run: () => void navigate(`/studio/${component}/try`) },
      { id: 'publish', title: t('studio:publish'), group: t('studio:edit'), run: () => void navigate(`/studio/${component}/publish`) },
    ],
    [t, undo, redo, navigate, component],
  );
  useCommands(commands);
  return (
    <Box sx={{ display: { xs: 'none', sm: 'flex' } }}>
      <Tooltip describeChild title={words('undo', next)}>
        <span>
          <IconButton aria-label={words('undo', next)} disabled={next === undefined} onClick={undo}>
            <UndoIcon fontSize="small" />
          </IconButton>
        </span>
      </Tooltip>
      <Tooltip describeChild title={words('redo', again)}>
        <span>
          <IconButton aria-label={words('redo', again)} disabled={again === undefined} onClick={redo}>
            <RedoIcon fontSize="small" />
          </IconButton>
        </span>
      </Tooltip>
    </Box>
  );
}
