import type { Grant } from '@/api';

/** What a role can grant, by the thing it is about. Those of "bound" things can be limited to one component. */
export const permissions = {
  components: ['read', 'write', 'publish'],
  entries: ['read', 'create', 'update', 'delete', 'write', 'purge'],
  dataflows: ['run'],
  workflows: ['start'],
  scripts: ['run'],
  runs: ['read', 'manage'],
  files: ['read', 'write'],
  samples: ['install'],
  users: ['read', 'write'],
  audit: ['read'],
} as const;

export type Subject = keyof typeof permissions;

const bound: readonly string[] = ['components', 'entries', 'dataflows', 'workflows', 'scripts'];

/** All permissions as a grant names them: everything, each family, and each one. */
export const allPermissions: readonly string[] = [
  '*',
  ...Object.entries(permissions).flatMap(([subject, verbs]) => [`${subject}.*`, ...verbs.map((verb) => `${subject}.${verb}`)]),
];

/** Whether a permission can be limited to one component. */
export function canBeBound(permission: string): boolean {
  return bound.includes(permission.split('.')[0] ?? '');
}

/** A grant of a permission; one that cannot be limited to a component is not. */
export function grantOf(permission: string, component: string): Grant {
  return { permission, component: canBeBound(permission) ? component : '' };
}

/** The grants without those that are there twice. */
export function distinct(grants: readonly Grant[]): Grant[] {
  const seen = new Set<string>();
  return grants.filter((grant) => {
    const key = `${grant.permission} ${grant.component ?? ''}`;
    return !seen.has(key) && seen.add(key);
  });
}
