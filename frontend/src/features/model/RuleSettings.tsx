import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { componentsApi } from '@/api/components';
import { useEdit } from '@/draft';
import { Decimal } from '@/values/decimal';
import type { FieldKind } from '@/values/value';
import { setRules } from './commands';
import { Group } from './FieldPanel';
import { about, type Finding } from './findings';
import { Options } from './Options';
import { rulesOf } from './rules';
import { Setting } from './Setting';

interface RuleSettingsProps {
  component: string;
  field: Field;
  kind: FieldKind;
  findings: readonly Finding[];
}

const whole = /^-?\d{1,19}$/;
const count = /^\d{1,9}$/;

/** The rules of a field's type; types without rules have none. */
export function RuleSettings(props: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const rules = rulesOf(props.kind);
  if (rules === undefined) return null;
  const Rules = { string: Text, integer: Whole, number: Number_, file: File_, catalog: Target, array: Target }[rules];
  return (
    <Group title={t('group.rules')}>
      <Rules {...props} />
    </Group>
  );
}

/** A text that must look like one of these, or be empty. */
function useCheck(pattern: RegExp | ((text: string) => boolean), key: string): (text: string) => string | undefined {
  const { t } = useTranslation('model');
  const fits = typeof pattern === 'function' ? pattern : (text: string) => pattern.test(text);
  return (text) => (text === '' || fits(text) ? undefined : t(`ruleError.${key}`));
}

function Text({ component, field, findings }: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const check = useCheck(count, 'count');
  const { minLength = 0, maxLength = 0, pattern = '' } = field.string ?? {};
  const id = field.id ?? '';
  const length = (name: 'minLength' | 'maxLength', value: number) => (
    <Setting
      label={t(`rule.${name}`)}
      value={value === 0 ? '' : String(value)}
      check={check}
      problem={about(findings, `string/${name}`)}
      onSet={(text) => edit(setRules(id, 'string', { [name]: text === '' ? undefined : Number(text) }))}
    />
  );
  return (
    <>
      {length('minLength', minLength)}
      {length('maxLength', maxLength)}
      <Setting label={t('rule.pattern')} help={t('rule.patternHelp')} value={pattern} mono most={1000} problem={about(findings, 'string/pattern')} onSet={(text) => edit(setRules(id, 'string', { pattern: text }))} />
    </>
  );
}

function Whole({ component, field, findings }: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const check = useCheck(whole, 'whole');
  const bound = (name: 'min' | 'max') => (
    <Setting
      label={t(`rule.${name}`)}
      value={field.integer?.[name] ?? ''}
      check={check}
      problem={about(findings, `integer/${name}`)}
      onSet={(text) => edit(setRules(field.id ?? '', 'integer', { [name]: text === '' ? undefined : text }))}
    />
  );
  return (
    <>
      {bound('min')}
      {bound('max')}
      <Options component={component} field={field} findings={findings} />
    </>
  );
}

function Number_({ component, field, findings }: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const check = useCheck((text) => Decimal.parse(text) !== undefined, 'number');
  const digits = useCheck((text) => /^\d{1,2}$/.test(text) && Number(text) <= 18, 'precision');
  const id = field.id ?? '';
  const bound = (name: 'min' | 'max') => (
    <Setting label={t(`rule.${name}`)} value={field.number?.[name] ?? ''} check={check} problem={about(findings, `number/${name}`)} onSet={(text) => edit(setRules(id, 'number', { [name]: text }))} />
  );
  return (
    <>
      {bound('min')}
      {bound('max')}
      <Setting
        label={t('rule.precision')}
        help={t('rule.precisionHelp')}
        value={field.number?.precision === undefined ? '' : String(field.number.precision)}
        check={digits}
        problem={about(findings, 'number/precision')}
        onSet={(text) => edit(setRules(id, 'number', { precision: text === '' ? undefined : Number(text) }))}
      />
    </>
  );
}

function File_({ component, field, findings }: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const check = useCheck(/^\d{1,15}$/, 'count');
  const id = field.id ?? '';
  const bytes = field.file?.maxBytes ?? '0';
  return (
    <>
      <Setting
        label={t('rule.acceptedTypes')}
        help={t('rule.acceptedTypesHelp')}
        value={(field.file?.acceptedTypes ?? []).join(',')}
        mono
        problem={about(findings, 'file/acceptedTypes')}
        onSet={(text) => edit(setRules(id, 'file', { acceptedTypes: text === '' ? [] : text.split(',').map((type) => type.trim()) }))}
      />
      <Setting
        label={t('rule.maxBytes')}
        help={t('rule.maxBytesHelp')}
        value={bytes === '0' ? '' : bytes}
        check={check}
        problem={about(findings, 'file/maxBytes')}
        onSet={(text) => edit(setRules(id, 'file', { maxBytes: text === '' ? '0' : text }))}
      />
    </>
  );
}

function Target({ component, field, kind, findings }: RuleSettingsProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const { data } = componentsApi.useAllComponentsQuery();
  const list = kind === 'array';
  const id = field.id ?? '';
  const target = (list ? field.array?.component : field.catalog?.component) ?? '';
  const known = data ?? [];
  const problem = about(findings, `${kind}/component`);
  const alone = list ? field.array?.exclusive : field.catalog?.unique;
  return (
    <>
      <TextField
        select
        required
        label={t('rule.component')}
        value={target}
        error={problem !== undefined}
        helperText={problem}
        onChange={(e) => edit(list ? setRules(id, 'array', { component: e.target.value }) : setRules(id, 'catalog', { component: e.target.value }))}
      >
        {target !== '' && !known.some((one) => one.id === target) && <MenuItem value={target}>{target}</MenuItem>}
        {known.map((one) => (
          <MenuItem key={one.id} value={one.id}>
            {one.displayName || one.id}
          </MenuItem>
        ))}
      </TextField>
      <FormControlLabel
        control={
          <Checkbox
            size="small"
            checked={alone ?? false}
            onChange={(_, set) => edit(list ? setRules(id, 'array', { exclusive: set }) : setRules(id, 'catalog', { unique: set }))}
          />
        }
        label={t(list ? 'rule.exclusive' : 'rule.unique')}
        slotProps={{ typography: { variant: 'body2' } }}
      />
    </>
  );
}
