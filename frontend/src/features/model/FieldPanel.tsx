import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import CloseIcon from '@mui/icons-material/Close';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { useEdit } from '@/draft';
import { fieldKinds, kindOf } from '@/values/value';
import { setFlag, setKind, setText } from './commands';
import { FieldName } from './FieldName';
import { about, type Finding } from './findings';
import { RemoveField } from './RemoveField';
import { RuleSettings } from './RuleSettings';
import { flags, obstacle } from './rules';
import { Setting } from './Setting';

export interface FieldPanelProps {
  component: string;
  field: Field;
  fields: readonly Field[];
  findings: readonly Finding[];
  mayWrite: boolean;
  onClose: () => void;
}

/** The settings of one field. What is wrong stands on the setting. */
export function FieldPanel({ component, field, fields, findings, mayWrite, onClose }: FieldPanelProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const id = field.id ?? '';
  const kind = kindOf(field.type) ?? 'string';
  const others = fields.filter((one) => one !== field).map((one) => one.name ?? '');
  const title = field.title || field.name || '';
  const general = findings.filter((finding) => finding.setting === '');
  return (
    <Box
      component="aside"
      aria-label={t('panel', { name: title })}
      sx={{ width: { md: 340 }, flexShrink: 0, overflow: 'auto', bgcolor: 'background.paper', borderLeft: { md: 1 }, borderTop: { xs: 1, md: 0 }, borderColor: { xs: 'divider', md: 'divider' } }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5, px: 2, height: 48, borderBottom: 1, borderColor: 'divider' }}>
        <Typography variant="h2" noWrap sx={{ flex: 1 }}>
          {title}
        </Typography>
        {mayWrite && <RemoveField component={component} field={field} onRemoved={onClose} />}
        <Tooltip title={t('close')}>
          <IconButton aria-label={t('close')} onClick={onClose}>
            <CloseIcon fontSize="small" />
          </IconButton>
        </Tooltip>
      </Box>
      <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0 }}>
        <Group title={t('group.general')}>
          {general.map((finding) => (
            <Alert key={finding.text} severity={finding.warning ? 'warning' : 'error'}>
              {finding.text}
            </Alert>
          ))}
          <Setting label={t('setting.title')} value={field.title ?? ''} most={200} problem={about(findings, 'title')} onSet={(text) => edit(setText(id, 'title', text))} />
          <FieldName component={component} field={field} others={others} problem={about(findings, 'name')} />
          <TextField select label={t('setting.type')} value={kind} onChange={(e) => edit(setKind(id, fieldKinds.find((one) => one === e.target.value) ?? kind))}>
            {fieldKinds.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`kind.${one}`)}
              </MenuItem>
            ))}
          </TextField>
          <Setting label={t('setting.description')} value={field.description ?? ''} most={10_000} multiline problem={about(findings, 'description')} onSet={(text) => edit(setText(id, 'description', text))} />
        </Group>
        <RuleSettings component={component} field={field} kind={kind} findings={findings} />
        <Group title={t('group.marks')}>
          <Box sx={{ display: 'grid', gap: 0.5 }}>
            {flags.map((flag) => {
              const why = obstacle(field, flag);
              const problem = about(findings, flag);
              return (
                <div key={flag}>
                  <FormControlLabel
                    disabled={why !== undefined && field[flag] !== true}
                    control={<Checkbox size="small" checked={field[flag] ?? false} onChange={(_, set) => edit(setFlag(id, flag, set))} sx={{ py: 0.25 }} />}
                    label={t(`flag.${flag}.title`)}
                    slotProps={{ typography: { variant: 'body2' } }}
                  />
                  <FormHelperText error={problem !== undefined} sx={{ ml: 3.5, mt: 0 }}>
                    {problem ?? (why === undefined ? t(`flag.${flag}.help`) : t(`obstacle.${why}`))}
                  </FormHelperText>
                </div>
              );
            })}
          </Box>
        </Group>
      </Box>
    </Box>
  );
}

/** A heading of the panel with its settings. */
export function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Box role="group" aria-labelledby={id} sx={{ display: 'grid', gap: 2, p: 2, borderBottom: 1, borderColor: 'divider' }}>
      <Typography variant="h3" id={id}>
        {title}
      </Typography>
      {children}
    </Box>
  );
}
