import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import CloseIcon from '@mui/icons-material/Close';
import PlayIcon from '@mui/icons-material/PlayArrow';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json } from '@/values/json';
import { readInput, show } from './sample';
import type { Sample } from './useSample';

/** What is run, and with what. */
export interface Start {
  input: Json;
  entry: string;
}

interface RunAction {
  words: string;
  hint?: string;
  onRun: (start: Start) => void;
}

interface RunDockProps {
  title: string;
  /** What will run, in a few words. */
  note: string;
  busy: boolean;
  sample: Sample;
  onSample: (change: Partial<Sample>) => void;
  /** What the button does, and Ctrl Enter. */
  main: RunAction | undefined;
  other?: RunAction | undefined;
  onClose: () => void;
  /** Whether it may be about an entry. */
  entry?: boolean;
  /** Further fields beside the input. */
  fields?: ReactNode;
  /** What came of it. */
  children: ReactNode;
}

/** Runs a flow with an input that is typed here, and shows what came of it, below the drawing. */
export function RunDock({ title, note, busy, sample, onSample, main, other, onClose, entry = false, fields, children }: RunDockProps) {
  const { t } = useTranslation('flows');
  const read = readInput(sample.input);
  const bad = 'error' in read;
  const run = (action: RunAction | undefined) => !bad && !busy && action?.onRun({ input: read.input, entry: sample.entry });
  return (
    <Box component="section" aria-label={title} sx={{ borderTop: 1, borderColor: 'divider', bgcolor: 'background.paper', height: { xs: 'auto', md: 320 }, flexShrink: 0, display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 1.5, py: 0.75, borderBottom: 1, borderColor: 'divider' }}>
        <Typography variant="h3" component="h2" sx={{ flexShrink: 0 }}>
          {title}
        </Typography>
        <Typography variant="caption" noWrap title={note} sx={{ color: 'text.secondary', flex: 1, minWidth: 0 }}>
          {note}
        </Typography>
        {other && (
          <Button color="inherit" title={other.hint} disabled={busy || bad} onClick={() => run(other)} sx={{ flexShrink: 0 }}>
            {other.words}
          </Button>
        )}
        {main && (
          <Button variant="contained" startIcon={<PlayIcon />} disabled={busy || bad} onClick={() => run(main)} sx={{ flexShrink: 0 }}>
            {main.words}
          </Button>
        )}
        <IconButton aria-label={t('run.close')} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: 'minmax(200px, 1fr) 2.2fr' }, flex: 1, minHeight: 0 }}>
        <Box sx={{ p: 1.5, overflowY: 'auto', display: 'grid', gap: 1.5, alignContent: 'start', borderRight: { xs: 0, md: 1 }, borderColor: { xs: 'divider', md: 'divider' } }}>
          <TextField
            label={t('run.input')}
            multiline
            minRows={4}
            maxRows={14}
            value={sample.input}
            error={bad}
            helperText={bad ? read.error : undefined}
            onChange={(event) => onSample({ input: event.target.value })}
            onKeyDown={(event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && run(main)}
            sx={{ '& textarea': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', lineHeight: 1.5 } }}
            slotProps={{ htmlInput: { spellCheck: false } }}
          />
          {entry && <TextField label={t('run.entry')} value={sample.entry} onChange={(event) => onSample({ entry: event.target.value.trim() })} helperText={t('run.entryHelp')} />}
          {fields}
        </Box>
        <Box sx={{ p: 1.5, overflow: 'auto', minWidth: 0, display: 'grid', gap: 1.5, alignContent: 'start' }} aria-live="polite">
          {children}
        </Box>
      </Box>
    </Box>
  );
}

/** A value with its heading. */
export function Shown({ title, value }: { title: string; value: unknown }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="caption" component="h3" sx={{ color: 'text.secondary', fontWeight: 600, m: 0, mb: 0.5 }}>
        {title}
      </Typography>
      <Box component="pre" tabIndex={0} sx={{ m: 0, p: 1, borderRadius: 1, bgcolor: 'background.default', fontSize: '0.75rem', overflowX: 'auto', maxHeight: 320, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {typeof value === 'string' ? value : show(value)}
      </Box>
    </Box>
  );
}

/** What stands where nothing came out yet. */
export function Hint({ words }: { words: string }) {
  return (
    <Typography variant="body2" sx={{ color: 'text.secondary' }}>
      {words}
    </Typography>
  );
}
