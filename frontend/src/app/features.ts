import type { Feature } from '@/ui/feature';

/** Every feature that has a folder. Adding one touches its folder alone. */
export const features: readonly Feature[] = Object.values(
  import.meta.glob<Feature>('../features/*/feature.ts', { eager: true, import: 'feature' }),
);
