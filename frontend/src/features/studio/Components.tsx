import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import TextField from '@mui/material/TextField';
import AddIcon from '@mui/icons-material/Add';
import WidgetsIcon from '@mui/icons-material/WidgetsOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { componentsApi } from '@/api/components';
import { ComponentState } from '@/ui/ComponentState';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { useSession } from '@/api/session';
import { CreateComponent } from './CreateComponent';

/** The components of the tenant, found by name. */
export function Component() {
  const { t } = useTranslation('studio');
  const [typed, setTyped] = useState('');
  const [creating, setCreating] = useState(false);
  const mayWrite = useSession().can('components.write');
  const { data, error, isLoading, refetch } = componentsApi.useAllComponentsQuery();
  const words = typed.toLowerCase().trim();
  const found = (data ?? []).filter((c) => `${c.displayName} ${c.id} ${c.description}`.toLowerCase().includes(words));
  const create = mayWrite && (
    <Button variant="contained" startIcon={<AddIcon />} onClick={() => setCreating(true)}>
      {t('create.open')}
    </Button>
  );
  return (
    <PageFrame title={t('components')} text={t('text')} actions={create}>
      {creating && data !== undefined && <CreateComponent taken={data.map((c) => c.id ?? '')} onClose={() => setCreating(false)} />}
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {(data?.length ?? 0) > 0 && (
        <TextField
          type="search"
          placeholder={t('search')}
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
          sx={{ maxWidth: 320, mb: 2 }}
          slotProps={{ htmlInput: { 'aria-label': t('search') } }}
        />
      )}
      {error === undefined && (
        <Card>
          {isLoading && <RowsSkeleton />}
          {data !== undefined && found.length === 0 && (
            <EmptyState icon={<WidgetsIcon />} title={t(words === '' ? 'empty' : 'notFound')} text={t(words === '' ? 'emptyText' : 'notFoundText')} />
          )}
          <List disablePadding>
            {found.map((component) => (
              <ListItem key={component.id} disablePadding divider sx={{ '&:last-child': { border: 0 } }}>
                <ListItemButton component={Link} to={`/studio/${component.id}`} sx={{ borderRadius: 0, gap: 2 }}>
                  <ListItemText
                    primary={component.displayName || component.id}
                    secondary={component.description || component.id}
                    slotProps={{ primary: { variant: 'body1', sx: { fontWeight: 600 } }, secondary: { variant: 'body2' } }}
                  />
                  <ComponentState component={component} />
                </ListItemButton>
              </ListItem>
            ))}
          </List>
        </Card>
      )}
    </PageFrame>
  );
}
