import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import DialogContentText from '@mui/material/DialogContentText';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { useSession } from '@/api/session';
import { FormDialog } from '@/ui/FormDialog';

/** The organization as a whole: it can be deleted. */
export function Component() {
  const { t } = useTranslation('access');
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const name = session.tenant?.displayName ?? '';
  return (
    <Card sx={{ p: 2, display: 'grid', gap: 1.5, justifyItems: 'start' }}>
      <Typography variant="h2">{t('organization.delete', { name })}</Typography>
      <Typography variant="body2" sx={{ color: 'text.secondary', maxWidth: 640 }}>
        {t('organization.text')}
      </Typography>
      <Button variant="outlined" color="error" disabled={!session.can('tenant.delete')} onClick={() => setAsking(true)}>
        {t('organization.do')}
      </Button>
      {asking && <Delete name={name} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function Delete({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation('access');
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [remove, { error, isLoading }] = api.useDeleteTenantMutation();
  const submit = async () => {
    const result = await remove({ body: { confirm: typed.trim() } });
    if (result.error !== undefined) return;
    await navigate('/sign-in'); // the session ended with the organization
    dispatch(api.util.resetApiState());
  };
  return (
    <FormDialog title={t('organization.delete', { name })} action={t('organization.do')} danger busy={isLoading} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <DialogContentText variant="body2">{t('organization.confirm', { name })}</DialogContentText>
      <TextField label={t('organization.name')} value={typed} onChange={(event) => setTyped(event.target.value)} autoFocus autoComplete="off" />
    </FormDialog>
  );
}
