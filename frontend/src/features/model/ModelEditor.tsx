import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import ModelIcon from '@mui/icons-material/StorageOutlined';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { Field } from '@/api';
import { useSession } from '@/api/session';
import { useComponentId, useDraftSelector, useEdit } from '@/draft';
import { EmptyState } from '@/ui/EmptyState';
import { type Command, useCommands } from '@/ui/commands';
import { AddField } from './AddField';
import { moveField } from './commands';
import { FieldPanel } from './FieldPanel';
import { FieldTable } from './FieldTable';
import { useFindings } from './findings';

const none: readonly Field[] = [];

/** The object model: its fields in their order, and the settings of the one that is chosen. */
export function Component() {
  const { t } = useTranslation('model');
  const component = useComponentId();
  const fields = useDraftSelector(component, (doc) => doc.model?.fields) ?? none;
  const edit = useEdit(component);
  const mayWrite = useSession().can('components.write', component);
  const findings = useFindings(component, fields);
  const [params, setParams] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const [said, setSaid] = useState('');
  const wanted = params.get('at')?.split('/')[0];
  const chosen = fields.find((field) => field.id === wanted || field.name === wanted);
  const choose = useCallback((id: string | undefined) => setParams(id === undefined ? {} : { at: id }, { replace: true }), [setParams]);
  const move = useCallback(
    (id: string, to: number) => {
      edit(moveField(id, to));
      setSaid(t('moved', { place: to + 1, count: fields.length }));
    },
    [edit, t, fields.length],
  );
  useCommands(useMemo<Command[]>(() => (mayWrite ? [{ id: 'add field', title: t('add.open'), group: t('title'), run: () => setAdding(true) }] : []), [t, mayWrite]));
  const add = mayWrite && (
    <Button variant={fields.length === 0 ? 'contained' : 'outlined'} startIcon={<AddIcon />} onClick={() => setAdding(true)}>
      {t('add.open')}
    </Button>
  );
  return (
    <Box sx={{ display: 'flex', flexDirection: { xs: 'column', md: 'row' }, height: { md: '100%' } }}>
      <Box sx={{ flex: 1, minWidth: 0, overflow: 'auto', p: { xs: 2, sm: 3 } }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, mb: 2 }}>
          <Typography variant="h1" sx={{ flex: 1 }}>
            {t('title')}
          </Typography>
          {fields.length > 0 && add}
        </Box>
        {fields.length === 0 ? (
          <EmptyState icon={<ModelIcon />} title={t('empty')} text={t('emptyText')} action={add} />
        ) : (
          <FieldTable fields={fields} chosen={chosen?.id} findings={findings} mayWrite={mayWrite} onChoose={choose} onMove={move} />
        )}
        <Box role="status" sx={{ position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)', pointerEvents: 'none' }}>
          {said}
        </Box>
      </Box>
      {chosen !== undefined && (
        <FieldPanel
          key={chosen.id}
          component={component}
          field={chosen}
          fields={fields}
          findings={findings.get(chosen.id ?? '') ?? []}
          mayWrite={mayWrite}
          onClose={() => choose(undefined)}
        />
      )}
      {adding && <AddField component={component} fields={fields} onClose={() => setAdding(false)} onAdded={choose} />}
    </Box>
  );
}
