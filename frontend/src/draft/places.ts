import type { Component, Problem } from '@/api';

/** Place is where a problem is, for the person who looks for it. */
export interface Place {
  /** Address below /studio/:component. */
  to: string;
  /** Kind of the part, a key of "place" in the texts. */
  kind: 'page' | 'dataflow' | 'workflow' | 'script' | 'field' | 'settings' | 'component';
  /** What people call the part; empty for the component itself. */
  name: string;
  /** The way within the part, in the words of its author. */
  within: readonly string[];
}

const kinds = { pages: 'page', dataflows: 'dataflow', workflows: 'workflow', scripts: 'script' } as const;

/** Names of the path that say nothing to people. */
const silent = new Set(['nodes', 'props', 'slots', 'steps', 'params', 'document', '$expr']);

/** Reads the path of a problem, such as "pages/all/nodes/grid/props/columns/0/field". */
export function placeOf(problem: Problem, component: Component): Place {
  const [head = '', id = '', ...rest] = (problem.path ?? '').split('/');
  if (head in kinds) {
    const list = head as keyof typeof kinds;
    const part = component[list]?.find((one) => one.id === id);
    const names = nodeNames(list === 'pages' ? component.pages?.find((page) => page.id === id)?.document : undefined);
    const at = rest.length === 0 ? '' : `?at=${encodeURIComponent(rest.join('/'))}`;
    return { to: `${list}/${encodeURIComponent(id)}${at}`, kind: kinds[list], name: part?.title || id, within: words(rest, names) };
  }
  if (head === 'model') {
    const [name = '', ...setting] = rest;
    const field = component.model?.fields?.find((one) => one.name === name);
    return { to: `model?at=${encodeURIComponent([name, ...setting].join('/'))}`, kind: 'field', name: field?.title || name, within: words(setting) };
  }
  const known = head === 'settings' || head === 'display_name' || head === 'description';
  return { to: '', kind: known ? 'settings' : 'component', name: '', within: words(head === 'settings' ? [id, ...rest] : [head]) };
}

function words(path: readonly string[], names: ReadonlyMap<string, string> = new Map()): readonly string[] {
  return path
    .filter((name) => name !== '' && !silent.has(name))
    .map((name) => names.get(name) ?? (/^\d+$/.test(name) ? String(Number(name) + 1) : name.replaceAll('_', ' ')));
}

/** What the author named the nodes of a page. */
function nodeNames(document: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  if (typeof document !== 'object' || document === null || !('nodes' in document)) return names;
  for (const [id, node] of Object.entries(document.nodes ?? {})) {
    const name = (node as { name?: unknown } | null)?.name;
    if (typeof name === 'string' && name !== '') names.set(id, name);
  }
  return names;
}

/** The problems with errors first, otherwise in the server's order. */
export function sorted(problems: readonly Problem[]): readonly Problem[] {
  const rank = (problem: Problem) => (problem.severity === 'SEVERITY_WARNING' ? 1 : 0);
  return problems.toSorted((a, b) => rank(a) - rank(b));
}
