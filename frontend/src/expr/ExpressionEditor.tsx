import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { lazy, Suspense, useCallback, useDeferredValue, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatValue } from '@/values/format';
import type { Env } from './env';
import type { Variables } from './runtime';
import { marksOf, type Outcome, outcomeOf } from './outcome';
import { problemText } from './problem';
import { type Type, typeText } from './type';

const CodeField = lazy(() => import('./CodeField').then((module) => ({ default: module.CodeField })));

export interface ExpressionEditorProps {
  value: string;
  onChange: (value: string) => void;
  env: Env;
  /** Values for the live result below; without them its type alone is shown. */
  vars?: Variables | undefined;
  label: string;
  /** What the place of the expression takes. */
  expectedType?: Type | undefined;
  /** For small panels: it says no more than it must, and takes no room for it until then. */
  compact?: boolean;
  readOnly?: boolean;
}

/** Editor of one expression: words are offered, problems underlined, and below stands what it gives now. */
export function ExpressionEditor({ value, onChange, env, vars, label, expectedType, compact = false, readOnly = false }: ExpressionEditorProps) {
  const status = useId();
  const { t } = useTranslation('expr');
  const text = useDeferredValue(value);
  const outcome = useMemo(() => outcomeOf(env, text, expectedType, vars), [env, text, expectedType, vars]);
  const marks = useCallback(
    (written: string) => {
      const found = outcomeOf(env, written, expectedType, undefined);
      if (found.kind === 'problems') return marksOf(written, found.problems);
      return found.kind === 'mismatch' ? [{ from: 0, to: written.length, message: mismatchText(t, found.expected, found.got) }] : [];
    },
    [env, expectedType, t],
  );
  const plain = (
    <TextField
      value={value}
      onChange={(event) => onChange(event.target.value)}
      multiline
      variant="standard"
      slotProps={{
        input: { disableUnderline: true, readOnly, sx: { px: 1.25, py: compact ? 1 : 0.75, lineHeight: 1.5, fontFamily: 'var(--aqtra-mono)', fontSize: compact ? '0.75rem' : '0.8125rem' } },
        htmlInput: { 'aria-label': label, 'aria-describedby': status, spellCheck: false },
      }}
    />
  );
  const wrong = outcome.kind === 'problems' || outcome.kind === 'mismatch';
  return (
    <Box>
      <Box
        sx={{
          border: 1,
          // In a panel it stands among fields of the theme.
          borderColor: wrong ? 'error.main' : compact ? 'rgba(var(--aqtra-palette-common-onBackgroundChannel) / 0.23)' : 'divider',
          borderRadius: 1,
          bgcolor: 'background.paper',
          '&:focus-within': { borderColor: wrong ? 'error.main' : 'primary.main' },
          ...(compact && { '& .cm-editor': { fontSize: '0.75rem' }, '& .cm-content': { py: '7px' } }),
        }}
      >
        <Suspense fallback={plain}>
          <CodeField value={value} onChange={onChange} env={env} label={label} describedBy={status} marks={marks} readOnly={readOnly} />
        </Suspense>
      </Box>
      <Box id={status} role="status" sx={{ minHeight: compact ? 0 : 22, pt: compact ? 0.25 : 0.5, display: 'flex', gap: 1, alignItems: 'baseline', minWidth: 0 }}>
        {!(compact && (outcome.kind === 'empty' || outcome.kind === 'checked')) && <Result outcome={outcome} places={text.includes('\n')} compact={compact} />}
      </Box>
    </Box>
  );
}

/** In one line the underlining says where a problem is. */
function Result({ outcome, places, compact }: { outcome: Outcome; places: boolean; compact: boolean }) {
  const { t, i18n } = useTranslation('expr');
  switch (outcome.kind) {
    case 'empty':
      return <Note>{t('empty')}</Note>;
    case 'problems':
      return <Note colour="error.main">{outcome.problems.map((problem) => (places ? problemText(problem) : problem.message)).join('\n')}</Note>;
    case 'mismatch':
      return <Note colour="error.main">{mismatchText(t, outcome.expected, outcome.got)}</Note>;
    case 'failed':
      return (
        <>
          <Note colour="warning.main">{outcome.problem}</Note>
          {!compact && <TypeNote type={outcome.type} />}
        </>
      );
    case 'value': {
      const shown = typeof outcome.value === 'boolean' ? String(outcome.value) : formatValue(outcome.value, i18n.language);
      return (
        <>
          <Note colour="text.primary">{`${compact ? '= ' : ''}${shown === '' ? t(outcome.value === null ? 'null' : 'blank') : cut(shown)}`}</Note>
          {!compact && <TypeNote type={outcome.type} />}
        </>
      );
    }
    case 'checked':
      return <TypeNote type={outcome.type} />;
  }
}

/** A long value would push everything else away. */
function cut(text: string): string {
  const limit = 200;
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

function mismatchText(t: (key: string, values: Record<string, string>) => string, expected: Type, got: Type): string {
  return t('mismatch', { expected: typeText(expected), got: typeText(got) });
}

function Note({ children, colour = 'text.secondary' }: { children: string; colour?: string }) {
  return (
    <Typography variant="caption" sx={{ color: colour, overflowWrap: 'anywhere', whiteSpace: 'pre-line', minWidth: 0 }}>
      {children}
    </Typography>
  );
}

function TypeNote({ type }: { type: Type }) {
  return (
    <Typography variant="caption" noWrap sx={{ color: 'text.secondary', fontFamily: 'var(--aqtra-mono)', ml: 'auto', flexShrink: 0, maxWidth: '50%' }}>
      {typeText(type)}
    </Typography>
  );
}
