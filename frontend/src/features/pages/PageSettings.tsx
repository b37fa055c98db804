import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Component } from '@/api';
import { findPart, retitlePart, setPartRoles, useEdit } from '@/draft';
import { PartPlace } from '@/rewrite';
import { chooseHome } from './document/pages';
import { TextInput } from './properties/inputs';
import { Labelled } from './properties/Labelled';
import { RolesPicker } from './properties/pickers';

/** What people call a page, who may open it, and whether it opens first. Changes hold at once, as everywhere in the Studio. */
export function PageSettings({ component, page: id, onClose }: { component: Component; page: string; onClose: () => void }) {
  const { t } = useTranslation('pages');
  const heading = useId();
  const edit = useEdit(component.id ?? '');
  const page = findPart(component, 'pages', id);
  if (page === undefined) return null;
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={heading}>
      <DialogTitle id={heading}>{t('list.settingsTitle')}</DialogTitle>
      <DialogContent>
        <Box sx={{ display: 'grid', gap: 2 }}>
          <Labelled label={t('list.pageTitle')}>
            {(labelled) => <TextInput id={labelled} value={page.title ?? ''} maxLength={200} onChange={(title) => edit(retitlePart('pages', id, title))} />}
          </Labelled>
          <Labelled label={t('roles.label')} help={t('roles.help')}>
            {(labelled) => <RolesPicker id={labelled} label={t('roles.label')} value={page.roles ?? []} onChange={(roles) => edit(setPartRoles('pages', id, roles))} />}
          </Labelled>
          <PartPlace component={component.id ?? ''} kind="pages" id={id} />
          <FormControlLabel
            control={<Switch size="small" checked={component.settings?.homePage === id} onChange={(event) => edit(chooseHome(event.target.checked ? id : ''))} />}
            label={t('list.homeSwitch')}
            slotProps={{ typography: { variant: 'body2' } }}
          />
        </Box>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {t('done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
