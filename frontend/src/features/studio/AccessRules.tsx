import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useTranslation } from 'react-i18next';
import { api, type AccessRule } from '@/api';
import { useDraftSelector, useEdit } from '@/draft';
import type { Env } from '@/expr/env';
import { ExpressionEditor } from '@/expr/ExpressionEditor';
import { addRule, removeRule, setRule } from './commands';
import { Panel } from './Panel';
import { condition, useRuleEnv } from './useRuleEnv';

const operations = ['OPERATION_READ', 'OPERATION_CREATE', 'OPERATION_UPDATE', 'OPERATION_DELETE'] as const;

const none: readonly AccessRule[] = [];

/** Which role may do what with which entries. */
export function AccessRules({ component, mayWrite }: { component: string; mayWrite: boolean }) {
  const { t } = useTranslation('studio');
  const rules = useDraftSelector(component, (doc) => doc.settings?.access) ?? none;
  const edit = useEdit(component);
  const env = useRuleEnv(component, true);
  return (
    <Panel title={t('access.title')} wide>
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        {t('access.text')}
      </Typography>
      <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0, display: 'grid', gap: 2 }}>
        {rules.map((rule, at) => (
          <Rule key={at} component={component} rule={rule} at={at} env={env} />
        ))}
        {mayWrite && (
          <Box>
            <Button startIcon={<AddIcon />} onClick={() => edit(addRule('member'))}>
              {t('access.add')}
            </Button>
          </Box>
        )}
      </Box>
    </Panel>
  );
}

interface RuleProps {
  component: string;
  rule: AccessRule;
  at: number;
  env: Env;
}

function Rule({ component, rule, at, env }: RuleProps) {
  const { t } = useTranslation('studio');
  const edit = useEdit(component);
  const { data } = api.useListRolesQuery();
  const roles = data?.roles ?? [];
  const allowed = rule.operations ?? [];
  const number = at + 1;
  return (
    <Box role="group" aria-label={t('access.rule', { number })} sx={{ display: 'grid', gap: 1, gridTemplateColumns: { sm: '180px 1fr 30px' }, alignItems: 'start' }}>
      <TextField select label={t('access.role')} value={rule.role ?? ''} onChange={(e) => edit(setRule(at, { role: e.target.value }))}>
        {!roles.some((role) => role.id === rule.role) && <MenuItem value={rule.role ?? ''}>{rule.role}</MenuItem>}
        {roles.map((role) => (
          <MenuItem key={role.id} value={role.id}>
            {role.displayName || role.id}
          </MenuItem>
        ))}
      </TextField>
      <Box sx={{ minWidth: 0 }}>
        <Box role="group" aria-label={t('access.operations')} sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1, mb: 0.5 }}>
          {operations.map((operation) => (
            <FormControlLabel
              key={operation}
              control={
                <Checkbox
                  size="small"
                  checked={allowed.includes(operation)}
                  onChange={(_, on) => edit(setRule(at, { operations: operations.filter((one) => (one === operation ? on : allowed.includes(one))) }))}
                />
              }
              label={t(`access.${operation}`)}
              slotProps={{ typography: { variant: 'body2' } }}
            />
          ))}
        </Box>
        <ExpressionEditor label={t('access.filter')} value={rule.filter ?? ''} env={env} expectedType={condition} onChange={(filter) => edit(setRule(at, { filter }))} />
      </Box>
      <IconButton aria-label={t('access.remove', { number })} onClick={() => edit(removeRule(at))}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}
