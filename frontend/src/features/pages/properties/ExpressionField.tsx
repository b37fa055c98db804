import { lazy, Suspense } from 'react';
import type { Env } from '@/expr/env';
import type { Type } from '@/expr/type';
import { TextInput } from './inputs';
import { useScope } from './scope';

// The editor brings a library of its own, which only those need who bind something.
const ExpressionEditor = lazy(() => import('@/expr/ExpressionEditor').then((module) => ({ default: module.ExpressionEditor })));

interface ExpressionFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** What the setting takes. */
  expected?: Type | undefined;
  /** Off where the value is known only later, such as for one row of many. */
  live?: boolean;
  /** Its language, where that is not the page's. */
  language?: Env;
}

/** An expression, with its value on the canvas below. */
export function ExpressionField({ label, value, onChange, expected, live = true, language }: ExpressionFieldProps) {
  const { env, variables } = useScope();
  return (
    <Suspense fallback={<TextInput label={label} value={value} onChange={onChange} multiline mono />}>
      <ExpressionEditor label={label} value={value} onChange={onChange} env={language ?? env} vars={live ? variables : undefined} expectedType={expected} />
    </Suspense>
  );
}
