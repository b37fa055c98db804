import { useMemo } from 'react';
import { useSelector } from 'react-redux';
import type { Field } from '@/api';
import { type DraftsRoot, useChecked } from '@/draft';

/** Finding is what the server found wrong with a field. */
export interface Finding {
  /** Setting it is about, such as "name" or "string/pattern"; empty for the field as a whole. */
  setting: string;
  text: string;
  warning: boolean;
}

/** Findings are those of each field by its id. */
export type Findings = ReadonlyMap<string, readonly Finding[]>;

const refused = /^model\.fields\[(\d+)\]\.?(.*)$/;

/** What the check of the last save, or a refused save, says about fields. */
export function useFindings(component: string, fields: readonly Field[]): Findings {
  const problems = useChecked(component)?.problems;
  const violations = useSelector((root: DraftsRoot) => root.drafts?.[component]?.error?.violations);
  return useMemo(() => {
    const found = new Map<string, Finding[]>();
    const add = (field: Field | undefined, finding: Finding) => {
      if (field?.id !== undefined) found.set(field.id, [...(found.get(field.id) ?? []), finding]);
    };
    for (const problem of problems ?? []) {
      const [model, list, name, ...setting] = (problem.path ?? '').split('/');
      if (model !== 'model' || list !== 'fields') continue;
      add(fields.find((field) => field.name === name), {
        setting: setting.join('/').replace(/_[a-z]/g, (c) => c.slice(1).toUpperCase()),
        text: problem.message ?? '',
        warning: problem.severity === 'SEVERITY_WARNING',
      });
    }
    for (const violation of violations ?? []) {
      const [, at, setting] = refused.exec(violation.field) ?? [];
      if (at !== undefined) add(fields[Number(at)], { setting: (setting ?? '').replaceAll('.', '/'), text: violation.description, warning: false });
    }
    return found;
  }, [problems, violations, fields]);
}

/** What is said about one setting, or about those below it; undefined when nothing is. */
export function about(findings: readonly Finding[], setting: string): string | undefined {
  return findings.find((finding) => finding.setting === setting || finding.setting.startsWith(`${setting}/`))?.text;
}
