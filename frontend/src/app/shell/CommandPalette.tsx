import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import InputBase from '@mui/material/InputBase';
import Typography from '@mui/material/Typography';
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Command, useCommands, useCommandSearch } from '@/ui/commands';
import { chooseLanguage, languages } from '../i18n';
import { useAccount } from './account';
import { useMode } from './ModeButton';
import { useNavCommands } from './navigation';

interface CommandPaletteProps {
  open: boolean;
  onOpen: () => void;
  onClose: () => void;
}

/** Finds every command by its words: Ctrl K, type, Enter. */
export function CommandPalette({ open, onOpen, onClose }: CommandPaletteProps) {
  useNavCommands();
  useShellCommands();
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        onOpen();
      }
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [onOpen]);
  const { t } = useTranslation('app');
  return (
    <Dialog
      open={open}
      onClose={onClose}
      maxWidth={false}
      transitionDuration={80}
      sx={{ '& .MuiDialog-container': { alignItems: 'flex-start' } }}
      slotProps={{ paper: { 'aria-label': t('palette.open'), 'aria-labelledby': undefined, sx: { width: 520, maxWidth: 'calc(100% - 32px)', mt: { xs: 2, sm: '10vh' }, mx: 2 } } }}
    >
      <Finder onClose={onClose} />
    </Dialog>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('app');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = useCommandSearch(typed);
  const list = useId();
  const current = found[Math.min(at, found.length - 1)];
  const optionId = (command: Command) => `${list}-${found.indexOf(command)}`;
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, found.length - 1) + step + found.length) % found.length;
      setAt(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(current);
    }
  };
  return (
    <>
      <InputBase
        autoFocus
        fullWidth
        value={typed}
        onChange={(e) => (setTyped(e.target.value), setAt(0))}
        onKeyDown={onKeyDown}
        placeholder={t('palette.placeholder')}
        sx={{ px: 2, py: 1.25, fontSize: '0.9375rem', borderBottom: 1, borderColor: 'divider' }}
        inputProps={{
          role: 'combobox',
          'aria-label': t('palette.open'),
          'aria-expanded': true,
          'aria-controls': list,
          'aria-autocomplete': 'list',
          'aria-activedescendant': current && optionId(current),
        }}
      />
      <Box id={list} role="listbox" aria-label={t('palette.commands')} sx={{ p: 0.75, overflowY: 'auto', maxHeight: '50vh' }}>
        {found.map((command) => (
          <Box
            key={command.id}
            id={optionId(command)}
            role="option"
            aria-selected={command === current}
            onClick={() => run(command)}
            onMouseMove={() => setAt(found.indexOf(command))}
            sx={{
              display: 'flex', alignItems: 'center', gap: 2, px: 1.25, py: 0.875, borderRadius: 1, cursor: 'pointer', fontSize: '0.875rem',
              '&[aria-selected=true]': { bgcolor: 'action.selected' },
            }}
          >
            <Box sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{command.title}</Box>
            {command.shortcut !== undefined && <Box component="kbd">{command.shortcut}</Box>}
            <Typography variant="caption" sx={{ color: 'text.secondary' }}>
              {command.group}
            </Typography>
          </Box>
        ))}
      </Box>
      {found.length === 0 && (
        <Typography role="status" variant="body2" sx={{ px: 2, pb: 2, pt: 1, color: 'text.secondary' }}>
          {t('palette.nothing')}
        </Typography>
      )}
    </>
  );
}

/** What the shell itself can do. */
function useShellCommands(): void {
  const { t, i18n } = useTranslation('app');
  const { dark, toggle } = useMode();
  const { signOut } = useAccount();
  const commands = useMemo<Command[]>(
    () => [
      { id: 'mode', title: t(dark ? 'mode.light' : 'mode.dark'), group: t('look'), keywords: 'theme', run: toggle },
      ...languages
        .filter((language) => language !== i18n.language)
        .map((language) => ({
          id: `language ${language}`,
          title: t(`language.${language}`),
          group: t('look'),
          keywords: 'language Sprache',
          run: () => void chooseLanguage(i18n, language),
        })),
      { id: 'sign out', title: t('signOut'), group: t('accountGroup'), keywords: 'logout', run: () => void signOut() },
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- toggle is new with every draw and depends on dark alone
    [t, i18n, i18n.language, dark, signOut],
  );
  useCommands(commands);
}
