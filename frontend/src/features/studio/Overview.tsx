import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Divider from '@mui/material/Divider';
import FormControlLabel from '@mui/material/FormControlLabel';
import Link from '@mui/material/Link';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { api } from '@/api';
import { useSession } from '@/api/session';
import { useComponentId, useDraft, useEdit } from '@/draft';
import { ComponentState } from '@/ui/ComponentState';
import { PageFrame } from '@/ui/PageFrame';
import { describe, rename, set } from './commands';
import { homePages } from './home';
import { AccessRules } from './AccessRules';
import { DeleteComponent } from './DeleteComponent';
import { Panel } from './Panel';
import { Triggers } from './Triggers';
import { Revisions } from './Revisions';

/** What a component is and consists of, and its settings. */
export function Component() {
  const { t } = useTranslation('studio');
  const id = useComponentId();
  const component = useDraft(id);
  const edit = useEdit(id);
  const { can } = useSession();
  const mayWrite = can('components.write', id);
  const mayPublish = can('components.publish', id);
  const { data: header } = api.useGetComponentQuery({ component: id });
  const live = (header?.publishedRevision ?? '0') !== '0';
  const parts = [
    { to: 'pages', count: component.pages?.length ?? 0 },
    { to: 'model', count: component.model?.fields?.length ?? 0 },
    { to: 'dataflows', count: component.dataflows?.length ?? 0 },
    { to: 'workflows', count: component.workflows?.length ?? 0 },
    { to: 'scripts', count: component.scripts?.length ?? 0 },
  ];
  const { pages, first } = homePages(component);
  const home = component.settings?.homePage ?? '';
  return (
    <PageFrame title={component.displayName || id} text={t('overview.text', { id })} actions={header && <ComponentState component={header} />}>
      <Box component="ul" sx={{ m: 0, mb: 3, p: 0, listStyle: 'none', display: 'grid', gap: 1.5, gridTemplateColumns: 'repeat(auto-fill, minmax(120px, 1fr))' }}>
        {parts.map(({ to, count }) => (
          <Card key={to} component="li" sx={{ px: 2, py: 1.5 }}>
            <Typography variant="h1" component="p">
              {count}
            </Typography>
            <Link component={RouteLink} to={to} variant="body2">
              {t(to === 'model' ? 'part.fields' : `part.${to}`)}
            </Link>
          </Card>
        ))}
      </Box>
      <Panel title={t('overview.settings')}>
        <TextField
          label={t('create.name')}
          value={component.displayName ?? ''}
          disabled={!mayWrite}
          onChange={(e) => edit(rename(e.target.value))}
          slotProps={{ htmlInput: { maxLength: 200 } }}
        />
        <TextField
          label={t('create.description')}
          value={component.description ?? ''}
          disabled={!mayWrite}
          multiline
          minRows={2}
          onChange={(e) => edit(describe(e.target.value))}
          slotProps={{ htmlInput: { maxLength: 10_000 } }}
        />
        <TextField
          select
          label={t('overview.home')}
          value={pages.some((page) => page.id === home) ? home : ''}
          disabled={!mayWrite}
          onChange={(e) => edit(set('homePage', e.target.value))}
          slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
        >
          <MenuItem value="">{first === undefined ? t('overview.noPage') : t('overview.firstPage', { title: first.title || first.id })}</MenuItem>
          {pages.map((page) => (
            <MenuItem key={page.id} value={page.id}>
              {page.title || page.id}
            </MenuItem>
          ))}
        </TextField>
        <FormControlLabel
          control={<Switch checked={component.settings?.hidden ?? false} disabled={!mayWrite} onChange={(_, hidden) => edit(set('hidden', hidden))} />}
          label={t('overview.hidden')}
          slotProps={{ typography: { variant: 'body2' } }}
        />
        {mayWrite && (
          <>
            <Divider />
            <Box sx={{ display: 'flex', gap: 1 }}>
              {live && mayPublish && (
                <Button component={RouteLink} to="publish?remove" color="error" variant="outlined">
                  {t('overview.offline')}
                </Button>
              )}
              <DeleteComponent component={id} name={component.displayName || id} />
            </Box>
          </>
        )}
      </Panel>
      <AccessRules component={id} mayWrite={mayWrite} />
      <Triggers component={id} mayWrite={mayWrite} />
      <Revisions component={id} />
    </PageFrame>
  );
}
