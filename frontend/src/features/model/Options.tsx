import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { useEdit } from '@/draft';
import { addOption, removeOption, setOption } from './commands';
import { about, type Finding } from './findings';
import { Setting } from './Setting';

interface OptionsProps {
  component: string;
  field: Field;
  findings: readonly Finding[];
}

/** The values of an enumeration with their labels. */
export function Options({ component, field, findings }: OptionsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const id = field.id ?? '';
  const whole = (text: string) => (/^-?\d{1,19}$/.test(text) ? undefined : t('ruleError.whole'));
  return (
    <Box role="group" aria-label={t('rule.options')} sx={{ display: 'grid', gap: 1.75 }}>
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        {t('rule.optionsHelp')}
      </Typography>
      {field.integer?.options?.map((option, at) => (
        <Box key={at} sx={{ display: 'grid', gridTemplateColumns: '76px 1fr 30px', gap: 0.75, alignItems: 'start' }}>
          <Setting label={t('rule.value')} value={option.value ?? '0'} check={whole} problem={about(findings, `integer/options/${at}/value`)} onSet={(value) => edit(setOption(id, at, { value }))} />
          <Setting label={t('rule.label')} value={option.label ?? ''} most={200} problem={about(findings, `integer/options/${at}/label`)} onSet={(label) => edit(setOption(id, at, { label }))} />
          <Tooltip title={t('rule.removeOption')}>
            <IconButton aria-label={t('rule.removeThis', { label: option.label || option.value })} onClick={() => edit(removeOption(id, at))} sx={{ mt: 0.5 }}>
              <CloseIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        </Box>
      ))}
      <Box>
        <Button startIcon={<AddIcon />} onClick={() => edit(addOption(id))}>
          {t('rule.addOption')}
        </Button>
      </Box>
    </Box>
  );
}
