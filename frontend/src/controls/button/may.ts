/** Whether one of somebody's own roles is among those that may; everyone may when none is named. */
export function mayUse(roles: readonly string[], own: readonly string[]): boolean {
  return roles.length === 0 || own.includes('admin') || roles.some((role) => own.includes(role));
}
