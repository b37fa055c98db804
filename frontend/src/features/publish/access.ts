import type { Role } from '@/api';
import { can } from '@/api/session';

/** What lets somebody see an app: the server asks for the same (usePermissions of component-library). */
const uses = ['entries.read', 'entries.create', 'entries.update', 'entries.delete', 'entries.write', 'dataflows.run', 'workflows.start', 'scripts.run'];

/** The roles that people who only work with an app may have for it: all that open it but those of administrators and developers. */
export function rolesThatOpen(roles: readonly Role[], component: string): Role[] {
  return roles.filter((role) => role.id !== 'admin' && role.id !== 'developer' && uses.some((permission) => can(role.grants, permission, component)));
}
