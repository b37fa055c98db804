import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import CloseIcon from '@mui/icons-material/Close';
import PlayIcon from '@mui/icons-material/PlayArrow';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { useDraft } from '@/draft';
import type { Json } from '@/values/json';
import { readInput, sampleOf, show } from './sample';

interface RunDockProps {
  component: string;
  title: string;
  busy: boolean;
  onRun: (input: Json) => void;
  onClose: () => void;
  /** Further fields beside the input. */
  fields?: ReactNode;
  /** What came of it. */
  children: ReactNode;
}

/** Runs a flow with an input that is typed here, and shows what came of it, below the drawing. */
export function RunDock({ component, title, busy, onRun, onClose, fields, children }: RunDockProps) {
  const { t } = useTranslation('flows');
  const doc = useDraft(component);
  const { data: header } = api.useGetComponentQuery({ component });
  const [typed, setTyped] = useState(() => show(sampleOf(doc)));
  const read = readInput(typed);
  const live = header !== undefined && header.publishedRevision === header.revision;
  const run = () => 'input' in read && !busy && onRun(read.input);
  return (
    <Box component="section" aria-label={title} sx={{ borderTop: 1, borderColor: 'divider', bgcolor: 'background.paper', height: { xs: 'auto', md: 300 }, flexShrink: 0, display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 1.5, py: 0.75, borderBottom: 1, borderColor: 'divider' }}>
        <Typography variant="h3" component="h2">
          {title}
        </Typography>
        <Typography variant="caption" noWrap sx={{ color: 'text.secondary', flex: 1, minWidth: 0 }}>
          {header !== undefined && t(live ? 'run.live' : header.publishedRevision === '0' ? 'run.never' : 'run.older')}
        </Typography>
        <Button variant="contained" startIcon={<PlayIcon />} disabled={busy || 'error' in read} onClick={run}>
          {t('run.start')}
        </Button>
        <IconButton aria-label={t('run.close')} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: 'minmax(220px, 2fr) 3fr' }, flex: 1, minHeight: 0 }}>
        <Box sx={{ p: 1.5, overflowY: 'auto', display: 'grid', gap: 1.5, alignContent: 'start', borderRight: { xs: 0, md: 1 }, borderColor: { xs: 'divider', md: 'divider' } }}>
          <TextField
            label={t('run.input')}
            multiline
            minRows={4}
            maxRows={14}
            value={typed}
            error={'error' in read}
            helperText={'error' in read ? read.error : undefined}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && run()}
            sx={{ '& textarea': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', lineHeight: 1.5 } }}
            slotProps={{ htmlInput: { spellCheck: false } }}
          />
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
