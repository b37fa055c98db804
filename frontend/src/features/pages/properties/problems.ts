import type { Problem } from '@/api';

/** NodeProblems are what the server's check found wrong with one control. */
export interface NodeProblems {
  /** By the name of the setting. */
  settings: ReadonlyMap<string, readonly string[]>;
  /** What concerns no setting. */
  rest: readonly string[];
}

/** Picks what was found at a node of a page: paths are such as "pages/all/nodes/grid/props/columns/0/field". */
export function problemsAt(problems: readonly Problem[], page: string, node: string): NodeProblems {
  const settings = new Map<string, string[]>();
  const rest: string[] = [];
  for (const { path = '', message = '' } of problems) {
    const [pages, ofPage, nodes, ofNode, kind, name = ''] = path.split('/');
    if (pages !== 'pages' || ofPage !== page || nodes !== 'nodes' || ofNode !== node) continue;
    if (kind === 'props' && name !== '') settings.set(name, [...(settings.get(name) ?? []), message]);
    else rest.push(message);
  }
  return { settings, rest };
}

/** The nodes of a page that something is wrong with. */
export function nodesWithProblems(problems: readonly Problem[], page: string): ReadonlySet<string> {
  const start = `pages/${page}/nodes/`;
  const ids = problems.map(({ path = '' }) => (path.startsWith(start) ? (path.slice(start.length).split('/')[0] ?? '') : ''));
  return new Set(ids.filter((id) => id !== ''));
}
