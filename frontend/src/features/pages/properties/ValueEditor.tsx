import Switch from '@mui/material/Switch';
import { useTranslation } from 'react-i18next';
import type { PropSpec } from '@/controls/contract';
import type { Json, JsonObject } from '@/values/json';
import { ActionEditor } from './ActionEditor';
import { ColumnsEditor } from './ColumnsEditor';
import { ExpressionField } from './ExpressionField';
import { Choice, NumberInput, TextInput } from './inputs';
import { MappingEditor } from './MappingEditor';
import { ComponentPicker, FieldPicker, PartPicker, RolesPicker } from './pickers';
import { componentIn, useFieldsOf } from './scope';

export interface ValueEditorProps {
  id: string;
  label: string;
  spec: PropSpec;
  /** Undefined takes the setting away, so that its default holds. */
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** All settings of the control. */
  settings: JsonObject;
}

/** The input for a setting of a kind, when it is no expression. */
export function ValueEditor({ id, label, spec, value, onChange, settings }: ValueEditorProps) {
  const { t } = useTranslation(['pages', 'controls']);
  const shown = value ?? asJson(spec.default);
  const text = typeof shown === 'string' ? shown : '';
  const put = (next: string) => onChange(next === '' ? undefined : next);
  switch (spec.kind) {
    case 'text':
      // An empty text that differs from the default must be said.
      return (
        <TextInput id={id} value={text} multiline={spec.multiline} maxLength={spec.maxLength} onChange={(next) => onChange(next === (spec.default ?? '') ? undefined : next)} />
      );
    case 'number':
      return <NumberInput id={id} value={typeof shown === 'number' ? shown : undefined} min={spec.min} max={spec.max} step={spec.step} onChange={onChange} />;
    case 'boolean':
      return (
        <Switch
          size="small"
          id={id}
          checked={shown === true}
          onChange={(event) => onChange(event.target.checked === (spec.default ?? false) ? undefined : event.target.checked)}
        />
      );
    case 'enum': {
      const at = spec.options.findIndex((option) => option.value === shown);
      return (
        <Choice
          id={id}
          value={at < 0 ? '' : String(at)}
          options={spec.options.map((option, i) => ({ value: String(i), label: t(option.label) }))}
          onChange={(index) => onChange(asJson(spec.options[Number(index)]?.value))}
        />
      );
    }
    case 'expression':
      return <ExpressionField label={label} value={text} onChange={put} live={false} />;
    case 'field':
      return <FieldPicker id={id} value={text} component={componentIn(settings, spec.of)} kinds={spec.kinds} onChange={put} />;
    case 'component':
      return <ComponentPicker id={id} value={text} onChange={put} />;
    case 'page':
    case 'dataflow':
    case 'workflow':
    case 'script':
      return <PartPicker id={id} kind={spec.kind} value={text} component={componentIn(settings, spec.of)} onChange={put} />;
    case 'roles':
      return <RolesPicker id={id} label={label} value={textsOf(shown)} onChange={(roles) => onChange(roles.length === 0 ? undefined : roles)} />;
    case 'file':
      return <TextInput id={id} value={text} placeholder={t('file.id')} onChange={put} />;
    case 'action':
      return <ActionEditor id={id} label={label} value={value} onChange={onChange} />;
    case 'columns':
      return <ColumnsEditor label={label} component={componentIn(settings, spec.of)} value={value} onChange={onChange} />;
    case 'mapping':
      return <Mapping label={label} of={componentIn(settings, spec.of)} value={value} onChange={onChange} />;
  }
}

function Mapping({ label, of, value, onChange }: { label: string; of: string; value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const names = useFieldsOf(of).map((field) => field.name ?? '');
  return <MappingEditor label={label} value={value} names={names} onChange={onChange} />;
}

/** Defaults and options are written in code as what JSON can say. */
function asJson(value: unknown): Json | undefined {
  return value as Json | undefined;
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
