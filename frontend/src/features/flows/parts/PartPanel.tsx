import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useSession } from '@/api/session';
import { findPart, removePart, retitlePart, setPartRoles, useDraftSelector, useEdit } from '@/draft';
import { PartPlace } from '@/rewrite';
import { Roles } from '../fields/Roles';
import { PanelHead } from './EditorFrame';
import type { FlowKind } from './PartList';

/** The settings of a part as a whole: what it is called, and who may run it. */
export function PartPanel({ component, kind, id, settings }: { component: string; kind: FlowKind; id: string; settings?: ReactNode }) {
  const { t } = useTranslation('flows');
  const part = useDraftSelector(component, (doc) => findPart(doc, kind, id));
  const edit = useEdit(component);
  const navigate = useNavigate();
  const session = useSession();
  const mayWrite = session.can('components.write', component);
  return (
    <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0, minWidth: 0 }}>
      <PanelHead title={t(`${kind}.one`)} text={t(`${kind}.help`)} />
      <Box sx={{ p: 2, display: 'grid', gap: 2 }}>
        <TextField label={t('field.title')} value={part?.title ?? ''} onChange={(event) => edit(retitlePart(kind, id, event.target.value))} slotProps={{ htmlInput: { maxLength: 200 } }} />
        <TextField label={t('field.id')} value={id} disabled sx={{ '& input': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem' } }} />
        <PartPlace component={component} kind={kind} id={id} />
        <Roles
          label={t('field.roles')}
          help={t('field.rolesHelp')}
          value={part?.roles ?? []}
          onChange={(next) => edit(setPartRoles(kind, id, next ?? []))}
        />
        {settings}
        <Box>
          <Button
            color="error"
            onClick={() => {
              void navigate('..', { relative: 'path' });
              edit(removePart(kind, id));
            }}
          >
            {t(`${kind}.remove`)}
          </Button>
        </Box>
      </Box>
    </Box>
  );
}
