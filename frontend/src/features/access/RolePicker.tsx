import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormGroup from '@mui/material/FormGroup';
import FormLabel from '@mui/material/FormLabel';
import Box from '@mui/material/Box';
import FormHelperText from '@mui/material/FormHelperText';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';

interface RolePickerProps {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  value: readonly string[];
  /** Roles to choose from; all of the tenant when absent. */
  among?: readonly string[] | undefined;
  onChange: (roles: string[]) => void;
}

/** Chooses roles of the tenant. */
export function RolePicker({ label, help, error, value, among, onChange }: RolePickerProps) {
  const { data } = api.useListRolesQuery();
  const roles = (data?.roles ?? []).filter((role) => among === undefined || among.includes(role.id ?? ''));
  const { t } = useTranslation('access');
  const id = useId();
  return (
    <Box role="group" aria-labelledby={id}>
      <FormLabel id={id} sx={{ fontSize: '0.8125rem' }}>
        {label}
      </FormLabel>
      <FormGroup sx={{ maxHeight: 220, overflow: 'auto', flexWrap: 'nowrap' }}>
        {roles.map((role) => (
          <FormControlLabel
            key={role.id}
            control={
              <Checkbox
                size="small"
                checked={value.includes(role.id ?? '')}
                onChange={(_, on) => onChange(on ? [...value, role.id ?? ''] : value.filter((one) => one !== role.id))}
                sx={{ py: 0.5 }}
              />
            }
            label={role.displayName || role.id}
            slotProps={{ typography: { variant: 'body2' } }}
          />
        ))}
        {roles.length === 0 && <FormHelperText>{t('noRoles')}</FormHelperText>}
      </FormGroup>
      {(error ?? help) !== undefined && <FormHelperText error={error !== undefined}>{error ?? help}</FormHelperText>}
    </Box>
  );
}

/** The names of roles by their ids. */
export function useRoleName(): (id: string) => string {
  const { data } = api.useListRolesQuery();
  return (id) => data?.roles?.find((role) => role.id === id)?.displayName || id;
}
