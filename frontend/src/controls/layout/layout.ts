import type { PropSpec } from '../contract';

/** Gap is the room between children. */
export type Gap = 'none' | 'small' | 'medium' | 'large';

const gaps: Readonly<Record<Gap, number>> = { none: 0, small: 1, medium: 2, large: 3 };

/** The room in units of the theme; an unknown name, which an expression may give, means the usual one. */
export function gapOf(gap: Gap): number {
  return Object.hasOwn(gaps, gap) ? gaps[gap] : gaps.medium;
}

export const gapSpec: PropSpec<Gap> = {
  kind: 'enum',
  label: 'controls:layout.gap',
  group: 'layout',
  default: 'medium',
  options: [
    { value: 'none', label: 'controls:layout.none' },
    { value: 'small', label: 'controls:layout.small' },
    { value: 'medium', label: 'controls:layout.medium' },
    { value: 'large', label: 'controls:layout.large' },
  ],
};

/**
 * Twelve columns for the children, measured by the width of what they stand in. Spans of a node further out would be inherited, so the
 * grid begins anew: a child without a span takes the share of one of `columns`, and the whole width on a phone.
 */
export function gridStyles(columns: number, gap: Gap) {
  const share = Number.isInteger(columns) && columns >= 1 && columns <= 12 ? Math.floor(12 / columns) : 12;
  return {
    display: 'grid',
    gridTemplateColumns: 'repeat(12, minmax(0, 1fr))',
    gap: gapOf(gap),
    '--aq-phone': 'initial',
    '--aq-tablet': share === 12 ? 'initial' : String(share),
    '--aq-desktop': 'initial',
  };
}

/** Marks what has no width of its own, so that a horizontal panel gives it room. */
export const fills = 'aq-fills';
