import Autocomplete from '@mui/material/Autocomplete';
import TextField from '@mui/material/TextField';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Field } from '@/api';
import { componentsApi } from '@/api/components';
import { type FieldKind, kindOf } from '@/values/value';
import { Choice } from './inputs';
import { useFieldsOf, useScope, useTarget } from './scope';

interface PickerProps {
  id?: string | undefined;
  label?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** Fields of the kinds; all without any. */
export function fieldsOfKinds(fields: readonly Field[], kinds: readonly FieldKind[] | undefined): readonly Field[] {
  if (kinds === undefined) return fields;
  return fields.filter((field) => {
    const kind = kindOf(field.type);
    return kind !== undefined && kinds.includes(kind);
  });
}

export function FieldPicker({ component, kinds, ...props }: PickerProps & { component: string; kinds?: readonly FieldKind[] | undefined }) {
  const { t } = useTranslation('pages');
  const all = useFieldsOf(component);
  const options = fieldsOfKinds(all, kinds).map((field) => ({ value: field.name ?? '', label: field.title || field.name || '' }));
  const wrongKind = all.some((field) => field.name === props.value);
  return <Choice {...props} options={options} none={t('pick.none')} unknown={t(wrongKind ? 'pick.wrongKind' : 'pick.unknownField')} />;
}

export function ComponentPicker({ none, ...props }: PickerProps & { none?: string }) {
  const { t } = useTranslation('pages');
  const { component } = useScope();
  const own = useTarget('');
  const { data } = componentsApi.useAllComponentsQuery();
  const options = (data ?? (own === undefined ? [] : [own])).map((one) => ({
    value: one.id ?? '',
    label: one.id === component ? t('pick.own', { name: one.displayName || one.id }) : one.displayName || one.id || '',
  }));
  return <Choice {...props} options={options} none={none ?? t('pick.none')} unknown={data === undefined ? undefined : t('pick.unknownComponent')} />;
}

const lists = { page: 'pages', dataflow: 'dataflows', workflow: 'workflows', script: 'scripts' } as const;

export function PartPicker({ component, kind, ...props }: PickerProps & { component: string; kind: keyof typeof lists }) {
  const { t } = useTranslation('pages');
  const target = useTarget(component);
  const options = (target?.[lists[kind]] ?? []).map((part) => ({ value: part.id ?? '', label: part.title || part.id || '' }));
  return <Choice {...props} options={options} none={t('pick.none')} unknown={target === undefined ? undefined : t('pick.unknownPart')} />;
}

interface RolesProps {
  id?: string | undefined;
  label: string;
  value: readonly string[];
  onChange: (value: readonly string[]) => void;
}

/** The names of the tenant's roles by their ids; empty for those who may not see the list. */
export function useRoleNames(): ReadonlyMap<string, string> {
  const { data } = api.useListRolesQuery();
  return useMemo(() => new Map((data?.roles ?? []).map((role) => [role.id ?? '', role.displayName || role.id || ''])), [data]);
}

/** Roles by their ids. Those that may not see the list can still type one. */
export function RolesPicker({ id, label, value, onChange }: RolesProps) {
  const { t } = useTranslation('pages');
  const names = useRoleNames();
  return (
    <Autocomplete
      multiple
      freeSolo
      size="small"
      {...(id !== undefined && { id })}
      options={[...names.keys()]}
      getOptionLabel={(role) => names.get(role) ?? role}
      value={[...value]}
      onChange={(_, roles) => onChange(roles)}
      renderInput={(params) => (
        <TextField
          {...params}
          {...(value.length === 0 && { placeholder: t('roles.all') })}
          slotProps={{ ...params.slotProps, htmlInput: { ...params.slotProps.htmlInput, 'aria-label': label } }}
        />
      )}
    />
  );
}
