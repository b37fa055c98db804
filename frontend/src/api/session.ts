import { useMemo } from 'react';
import { api } from '.';
import type { Grant, Session } from './generated';

/** Whether a grant's permission covers the one asked for: the same, "*", or a family such as "entries.*". */
export function covers(pattern: string, permission: string): boolean {
  if (permission === '') return false;
  if (pattern === '*' || pattern === permission) return true;
  return pattern.endsWith('.*') && pattern.length > 2 && permission.startsWith(pattern.slice(0, -1));
}

/** Whether the grants allow something, for one component or (empty) for all. The server decides; this only hides what would fail. */
export function can(grants: readonly Grant[] | undefined, permission: string, component = ''): boolean {
  return (grants ?? []).some((g) => covers(g.permission ?? '', permission) && ((g.component ?? '') === '' || g.component === component));
}

/** Whether the grants allow something for at least one component. */
export function canSomewhere(grants: readonly Grant[] | undefined, permission: string): boolean {
  return (grants ?? []).some((g) => covers(g.permission ?? '', permission));
}

/** The session of whoever is signed in. Only below the shell, which waits for it. */
export function useSession(): Session & { can: (permission: string, component?: string) => boolean; canSomewhere: (permission: string) => boolean } {
  const { data } = api.useGetCurrentSessionQuery();
  return useMemo(() => {
    if (data === undefined) throw new Error('useSession outside of the shell');
    return {
      ...data,
      can: (permission: string, component?: string) => can(data.grants, permission, component),
      canSomewhere: (permission: string) => canSomewhere(data.grants, permission),
    };
  }, [data]);
}
