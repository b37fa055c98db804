import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useTranslation } from 'react-i18next';
import type { Trigger, Workflow } from '@/api';
import { nameFrom, useDraftSelector, useEdit } from '@/draft';
import { ExpressionEditor } from '@/expr/ExpressionEditor';
import { addTrigger, removeTrigger, setTrigger } from './commands';
import { Panel } from './Panel';
import { condition, useRuleEnv } from './useRuleEnv';

const operations = ['OPERATION_CREATE', 'OPERATION_UPDATE', 'OPERATION_DELETE'] as const;

const noTriggers: readonly Trigger[] = [];
const noWorkflows: readonly Workflow[] = [];

/** Workflows that start when an entry changes. */
export function Triggers({ component, mayWrite }: { component: string; mayWrite: boolean }) {
  const { t } = useTranslation('studio');
  const triggers = useDraftSelector(component, (doc) => doc.settings?.triggers) ?? noTriggers;
  const workflows = useDraftSelector(component, (doc) => doc.workflows) ?? noWorkflows;
  const edit = useEdit(component);
  const env = useRuleEnv(component, false);
  const first = workflows[0]?.id;
  return (
    <Panel title={t('triggers.title')} wide>
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        {t(first === undefined && triggers.length === 0 ? 'triggers.none' : 'triggers.text')}
      </Typography>
      <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0, display: 'grid', gap: 2 }}>
        {triggers.map((trigger) => {
          const id = trigger.id ?? '';
          return (
            <Box key={id} role="group" aria-label={t('triggers.one', { id })} sx={{ display: 'grid', gap: 1, gridTemplateColumns: { sm: '170px 200px 1fr 30px' }, alignItems: 'start' }}>
              <TextField select label={t('triggers.when')} value={trigger.operation ?? ''} onChange={(e) => edit(setTrigger(id, { operation: operations.find((one) => one === e.target.value) }))}>
                {operations.map((operation) => (
                  <MenuItem key={operation} value={operation}>
                    {t(`triggers.${operation}`)}
                  </MenuItem>
                ))}
              </TextField>
              <TextField select label={t('triggers.workflow')} value={trigger.workflow ?? ''} onChange={(e) => edit(setTrigger(id, { workflow: e.target.value }))}>
                {!workflows.some((one) => one.id === trigger.workflow) && <MenuItem value={trigger.workflow ?? ''}>{trigger.workflow}</MenuItem>}
                {workflows.map((one) => (
                  <MenuItem key={one.id} value={one.id}>
                    {one.title || one.id}
                  </MenuItem>
                ))}
              </TextField>
              <ExpressionEditor label={t('triggers.condition')} value={trigger.condition ?? ''} env={env} expectedType={condition} onChange={(text) => edit(setTrigger(id, { condition: text }))} />
              <IconButton aria-label={t('triggers.remove', { id })} onClick={() => edit(removeTrigger(id))}>
                <CloseIcon fontSize="small" />
              </IconButton>
            </Box>
          );
        })}
        {mayWrite && first !== undefined && (
          <Box>
            <Button startIcon={<AddIcon />} onClick={() => edit(addTrigger(nameFrom('trigger', triggers.map((one) => one.id ?? '')), first))}>
              {t('triggers.add')}
            </Button>
          </Box>
        )}
      </Box>
    </Panel>
  );
}
