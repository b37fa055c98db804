import type { TFunction } from 'i18next';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { Decimal } from '@/values/decimal';
import type { Problem } from './check';
import { writeBytes } from './bytes';
import { writeNumber } from './numbers';

/** Says what is wrong in the language of the reader, whose numbers it uses. */
export function useProblemText(): (problem: Problem, language: string) => string {
  const { t } = useTranslation('controls');
  return useCallback((problem, language) => problemText(t, problem, language), [t]);
}

/** The same for a caller that has the texts of controls already. */
export function problemText(t: TFunction<'controls'>, { key, params }: Problem, language: string): string {
  const { bound, bytes, ...rest } = params;
  return t(`input.problem.${key}`, {
    ...rest,
    ...(key === 'number' && { example: writeBound('1234.5', language) }),
    ...(bound !== undefined && { bound: writeBound(String(bound), language) }),
    ...(bytes !== undefined && { size: writeBytes(Number(bytes), language) }),
  });
}

/** Bounds of days and times come as text for people already. */
function writeBound(bound: string, language: string): string {
  const number = Decimal.parse(bound);
  return number === undefined ? bound : writeNumber(number, language);
}
