import Autocomplete from '@mui/material/Autocomplete';
import TextField from '@mui/material/TextField';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { useSession } from '@/api/session';
import type { FieldProps } from './basic';

/** Roles of the tenant by their names. Those who may not see the list, and texts with an expression, are typed. */
export function Roles({ label, value, onChange, help, error }: FieldProps<readonly string[]>) {
  const { t } = useTranslation('flows');
  const session = useSession();
  const { data } = api.useListRolesQuery(undefined, { skip: !session.can('users.read') });
  const names = new Map((data?.roles ?? []).map((role) => [role.id ?? '', role.displayName || role.id || '']));
  return (
    <Autocomplete
      multiple
      freeSolo
      size="small"
      options={[...names.keys()].filter((role) => !value.includes(role))}
      getOptionLabel={(role) => names.get(role) ?? role}
      value={[...value]}
      onChange={(_, next) => onChange(next.length === 0 ? undefined : next)}
      renderInput={(params) => <TextField {...params} label={label} error={error !== undefined} helperText={error ?? help ?? (names.size === 0 ? t('field.enter') : undefined)} />}
    />
  );
}
