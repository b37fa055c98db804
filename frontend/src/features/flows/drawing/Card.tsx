import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import DoneIcon from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import RunningIcon from '@mui/icons-material/PlayCircle';
import WaitingIcon from '@mui/icons-material/Schedule';
import WarningIcon from '@mui/icons-material/Warning';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api';
import { useDrop } from './drop';

/** What the last run did with a step or task. */
export interface Trace {
  state: 'done' | 'failed' | 'running' | 'waiting';
  /** In a few words: "10 → 8 rows". */
  words?: string;
}

interface CardProps {
  /** Kind, small above the title. */
  type: string;
  title: string;
  selected: boolean;
  trace: Trace | undefined;
  problems: readonly Problem[];
  onSelect: () => void;
  onRemove?: (() => void) | undefined;
  onDrop?: ((type: string) => void) | undefined;
}

/** A step or task as it stands on the drawing. */
export function Card({ type, title, selected, trace, problems, onSelect, onRemove, onDrop }: CardProps) {
  const { t } = useTranslation('flows');
  const [ref, over] = useDrop<HTMLButtonElement>(onDrop);
  const found = problems.map((problem) => problem.message ?? '').join('\n');
  const wrong = problems.some((problem) => problem.severity !== 'SEVERITY_WARNING');
  const marked = selected || over;
  return (
    <ButtonBase
      ref={ref}
      className="nopan"
      aria-pressed={selected}
      aria-label={[type, title, trace && t(`trace.${trace.state}`), trace?.words, problems.length > 0 && t('problems', { count: problems.length })].filter(Boolean).join(', ')}
      title={trace?.state === 'failed' ? trace.words : undefined}
      onClick={onSelect}
      onKeyDown={(event) => (event.key === 'Delete' || event.key === 'Backspace') && onRemove?.()}
      sx={{
        width: '100%', height: '100%', px: 1.25, display: 'flex', alignItems: 'center', gap: 1, textAlign: 'left', borderRadius: 1, bgcolor: 'background.paper', border: 1,
        borderColor: marked ? 'primary.main' : wrong ? 'error.main' : 'divider',
        boxShadow: marked ? '0 0 0 1px var(--aqtra-palette-primary-main)' : '0 1px 2px rgb(0 0 0 / 0.04)',
        '&:hover': { borderColor: marked ? 'primary.main' : 'text.secondary' },
        '&:focus-visible': { outline: '2px solid var(--aqtra-palette-primary-main)', outlineOffset: 2 },
      }}
    >
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="caption" component="span" noWrap sx={{ color: 'text.secondary', display: 'block', lineHeight: 1.35 }}>
          {type}
        </Typography>
        <Typography variant="body2" component="span" noWrap sx={{ fontWeight: 650, display: 'block', lineHeight: 1.4 }}>
          {title}
        </Typography>
        {trace?.words && (
          <Box component="span" aria-hidden sx={{ position: 'absolute', left: 2, top: '100%', mt: 0.375, fontSize: '0.6875rem', color: trace.state === 'failed' ? 'error.main' : 'text.secondary', whiteSpace: 'nowrap', maxWidth: 'calc(100% + 20px)', overflow: 'hidden', textOverflow: 'ellipsis' }}>
            {trace.words}
          </Box>
        )}
      </Box>
      {problems.length > 0 ? (
        <Tooltip title={found}>{wrong ? <ErrorIcon color="error" sx={{ fontSize: 16 }} /> : <WarningIcon color="warning" sx={{ fontSize: 16 }} />}</Tooltip>
      ) : (
        trace && <TraceIcon state={trace.state} />
      )}
    </ButtonBase>
  );
}

function TraceIcon({ state }: Pick<Trace, 'state'>) {
  if (state === 'done') return <DoneIcon color="success" sx={{ fontSize: 16 }} />;
  if (state === 'failed') return <ErrorIcon color="error" sx={{ fontSize: 16 }} />;
  return state === 'waiting' ? <WaitingIcon color="warning" sx={{ fontSize: 16 }} /> : <RunningIcon color="info" sx={{ fontSize: 16 }} />;
}
