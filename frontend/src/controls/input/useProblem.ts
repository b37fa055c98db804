import { useTranslation } from 'react-i18next';
import type { ControlProps } from '../contract';
import { check } from './check';
import type { InputProps } from './settings';
import { useLeft } from './useLeft';
import { problemText } from './useProblemText';

/** What stands below an input that cannot hold what is no value: what is wrong once it has been left, or its help. */
export function useProblem({ field, required, disabled, value, errors, props }: ControlProps<InputProps>) {
  const { t, i18n } = useTranslation('controls');
  const [left, leave] = useLeft();
  const problem = left ? check(field, required, value) : undefined;
  const wrong = problem === undefined ? errors.join(' ') : problemText(t, problem, i18n.language);
  return {
    error: wrong !== '',
    below: wrong || props.help || (field === undefined ? t('input.unbound') : ''),
    /** What is typed would go nowhere without a field. */
    fixed: disabled || field === undefined,
    leave,
  };
}
