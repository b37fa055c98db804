import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Grant, type Role, violationOf } from '@/api';
import { componentsApi } from '@/api/components';
import { nameFrom } from '@/draft';
import { FormDialog } from '@/ui/FormDialog';
import { allPermissions, canBeBound, distinct, grantOf } from './permissions';

interface EditRoleProps {
  /** Without an id it is a new one. */
  role: Role;
  taken: readonly string[];
  onClose: () => void;
}

/** Makes a role, or changes one. */
export function EditRole({ role, taken, onClose }: EditRoleProps) {
  const { t } = useTranslation('access');
  const fresh = role.id === undefined;
  const [displayName, setName] = useState(role.displayName ?? '');
  const [grants, setGrants] = useState<readonly Grant[]>(role.grants ?? []);
  const [create, creation] = api.useCreateRoleMutation();
  const [update, change] = api.useUpdateRoleMutation();
  const error = creation.error ?? change.error;
  const id = role.id ?? nameFrom(displayName, taken, 'role');
  const submit = async () => {
    const body: Role = { id, displayName: displayName.trim(), grants: distinct(grants) };
    const result = fresh
      ? await create({ role: body })
      : await update({ role: id, updateMask: 'display_name,grants', body: { ...body, etag: role.etag } });
    if (result.data !== undefined) onClose();
  };
  const nameError = violationOf(error, 'displayName') ?? violationOf(error, 'id');
  return (
    <FormDialog
      wide
      title={fresh ? t('role.add') : t('role.editTitle', { name: role.displayName || id })}
      action={t(fresh ? 'role.create' : 'save')}
      busy={creation.isLoading || change.isLoading}
      error={nameError === undefined ? error : undefined}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <TextField
        autoFocus
        required
        label={t('name')}
        value={displayName}
        onChange={(e) => setName(e.target.value)}
        error={nameError !== undefined}
        helperText={nameError ?? (displayName.trim() === '' ? undefined : t('role.id', { id }))}
      />
      <Typography variant="h3">{t('role.grants')}</Typography>
      {grants.map((grant, i) => (
        <GrantRow
          key={i}
          grant={grant}
          onChange={(next) => setGrants(grants.map((one, at) => (at === i ? next : one)))}
          onRemove={() => setGrants(grants.filter((_, at) => at !== i))}
        />
      ))}
      <Box>
        <Button startIcon={<AddIcon />} onClick={() => setGrants([...grants, { permission: 'entries.read', component: '' }])}>
          {t('role.addGrant')}
        </Button>
      </Box>
    </FormDialog>
  );
}

interface GrantRowProps {
  grant: Grant;
  onChange: (grant: Grant) => void;
  onRemove: () => void;
}

function GrantRow({ grant, onChange, onRemove }: GrantRowProps) {
  const { t } = useTranslation('access');
  const { data } = componentsApi.useAllComponentsQuery();
  const { permission = '', component = '' } = grant;
  const known = allPermissions.includes(permission) ? allPermissions : [permission, ...allPermissions];
  const components = (data ?? []).map((one) => ({ id: one.id ?? '', name: one.displayName || one.id }));
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr 30px', gap: 1, alignItems: 'center' }}>
      <TextField select label={t('role.permission')} value={permission} onChange={(e) => onChange(grantOf(e.target.value, component))}>
        {known.map((one) => (
          <MenuItem key={one} value={one}>
            {one === '*' ? t('role.everything') : one}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label={t('role.component')}
        value={component}
        disabled={!canBeBound(permission)}
        onChange={(e) => onChange(grantOf(permission, e.target.value))}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">{t('role.allComponents')}</MenuItem>
        {component !== '' && !components.some((one) => one.id === component) && <MenuItem value={component}>{component}</MenuItem>}
        {components.map((one) => (
          <MenuItem key={one.id} value={one.id}>
            {one.name}
          </MenuItem>
        ))}
      </TextField>
      <IconButton aria-label={t('role.removeGrant', { permission })} onClick={onRemove}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}
