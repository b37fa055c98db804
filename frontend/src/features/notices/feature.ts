import type { Feature } from '@/ui/feature';
import { Bell } from './Bell';

/** What workflows tell the user. */
export const feature: Feature = { name: 'notices', Bar: Bell };
