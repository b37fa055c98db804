import { type AnyControl, commonSchema, type PropGroup, type PropSpec } from '@/controls/contract';

/** SettingOf is one setting with its name in documents. */
export interface SettingOf {
  name: string;
  spec: PropSpec;
}

const order: readonly PropGroup[] = ['content', 'data', 'behaviour', 'validation', 'layout', 'style'];

/** The settings of a control under their headings; those of its own before those that all have. A root is always visible. */
export function groupsOf(control: AnyControl, isRoot: boolean): readonly { group: PropGroup; settings: readonly SettingOf[] }[] {
  const common = isRoot ? {} : commonSchema(control);
  const schema: Readonly<Record<string, PropSpec>> = { ...control.schema };
  const own = Object.entries(schema);
  const all = [...own, ...Object.entries(common)].map(([name, spec]): SettingOf => ({ name, spec }));
  return order
    .map((group) => ({ group, settings: all.filter(({ spec }) => spec.group === group) }))
    .filter(({ group, settings }) => settings.length > 0 || (group === 'layout' && !isRoot));
}
