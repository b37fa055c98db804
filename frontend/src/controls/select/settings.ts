import type { InputProps, PlaceholderProps } from '../input/settings';

export type SelectProps = InputProps & PlaceholderProps;
