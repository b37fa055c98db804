import Box from '@mui/material/Box';
import FormHelperText from '@mui/material/FormHelperText';
import { lazy, Suspense } from 'react';
import type { Kind, Type } from '@/expr/type';
import { Expression, type FieldProps } from './basic';
import type { Language } from './language';

// The editor brings a library of its own, which only those need who write expressions.
const ExpressionEditor = lazy(() =>
  Promise.all([import('@/expr/ExpressionEditor'), import('@/expr/CodeField')]).then(([module]) => ({ default: module.ExpressionEditor })),
);

interface ExpressionFieldProps extends FieldProps<string> {
  language: Language;
  /** Type that it must have; empty takes any. */
  expected?: string | undefined;
  /** The label is said, but not shown. */
  bare?: boolean;
  readOnly?: boolean;
}

/** An expression whose words are known: they are offered and checked, and below stands its value for the first item of the last test. */
export function ExpressionField({ label, value, onChange, help, error, required = false, language, expected, bare = false, readOnly = false }: ExpressionFieldProps) {
  const { env, vars } = language;
  // The server speaks of what it last saw; what is wrong here and now is said by the editor.
  const said = error !== undefined && value !== '' && !env.compile(value).ok ? undefined : error;
  return (
    <Box sx={{ minWidth: 0, position: 'relative', ...(!bare && { '& [role=status]': { mx: 1.75 }, '& .cm-line': { px: '13px' } }) }}>
      {!bare && (
        <Box aria-hidden sx={{ position: 'absolute', top: -8, left: 9, px: 0.625, zIndex: 1, fontSize: '0.6875rem', lineHeight: '16px', bgcolor: 'background.paper', color: said === undefined ? 'text.secondary' : 'error.main' }}>
          {label}
          {required && ' *'}
        </Box>
      )}
      <Suspense fallback={<Expression label={label} value={value} onChange={onChange} />}>
        <ExpressionEditor label={label} value={value} onChange={(text) => onChange(text || undefined)} env={env} vars={vars} expectedType={typeNamed(expected)} compact readOnly={readOnly} />
      </Suspense>
      {(said ?? help) && (
        <FormHelperText error={said !== undefined} sx={{ mx: bare ? 0 : 1.75 }}>
          {said ?? help}
        </FormHelperText>
      )}
    </Box>
  );
}

const wanted: Partial<Record<string, Type>> = Object.fromEntries((['bool', 'text', 'int', 'decimal'] as const satisfies readonly Kind[]).map((kind) => [kind, { kind }]));

/** Always the same object for a name, so that nothing is checked anew. */
function typeNamed(name: string | undefined): Type | undefined {
  return name === undefined ? undefined : wanted[name];
}
