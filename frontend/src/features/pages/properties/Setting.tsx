import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { PropSpec } from '@/controls/contract';
import type { Type } from '@/expr/type';
import { expressionOf } from '@/renderer/bindings';
import type { Json, JsonObject } from '@/values/json';
import { asExpression, asLiteral } from './expression';
import { ExpressionField } from './ExpressionField';
import { FxButton } from './FxButton';
import { Labelled } from './Labelled';
import { ValueEditor } from './ValueEditor';

interface SettingProps {
  spec: PropSpec;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  settings: JsonObject;
  /** What the check found wrong with it. */
  problems?: readonly string[] | undefined;
}

/** One setting of a control: its input, or the expression that it is bound to. */
export function Setting({ problems, ...setting }: SettingProps) {
  return (
    <Box>
      <Input {...setting} />
      {problems !== undefined && (
        <Typography variant="caption" component="p" sx={{ mt: 0.25, px: 0.5, color: 'error.main', overflowWrap: 'anywhere' }}>
          {problems.join('; ')}
        </Typography>
      )}
    </Box>
  );
}

function Input({ spec, value, onChange, settings }: Omit<SettingProps, 'problems'>) {
  const { t } = useTranslation('controls');
  const label = t(spec.label);
  const text = expressionOf(value);
  const bound = text !== undefined;
  const toggle = () => onChange(bound ? asLiteral(text) : { $expr: asExpression(value, spec.default) });
  const fx = (spec.bindable === true || bound) && <FxButton label={label} bound={bound} onToggle={toggle} />;
  const help = spec.help === undefined ? undefined : t(spec.help);
  if (spec.kind === 'boolean' && !bound) return <Line label={label} help={help} fx={fx} spec={spec} value={value} onChange={onChange} settings={settings} />;
  return (
    <Labelled label={spec.required === true ? `${label} *` : label} help={help} beside={fx}>
      {(id) =>
        bound ? (
          <ExpressionField label={label} value={text} expected={expectedOf(spec)} onChange={(next) => onChange({ $expr: next })} />
        ) : (
          <ValueEditor id={id} label={label} spec={spec} value={value} onChange={onChange} settings={settings} />
        )
      }
    </Labelled>
  );
}

/** What an expression in the place of a setting must give, as far as the server's check is strict about it. */
function expectedOf(spec: PropSpec): Type | undefined {
  return spec.kind === 'boolean' ? { kind: 'bool' } : undefined;
}

/** A switch needs one line only. */
function Line({ label, help, fx, ...editor }: Omit<SettingProps, 'problems'> & { label: string; help: string | undefined; fx: ReactNode }) {
  const id = useId();
  return (
    <Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minHeight: 28 }}>
        <Typography component="label" htmlFor={id} variant="caption" sx={{ flex: 1, color: 'text.secondary' }}>
          {label}
        </Typography>
        <ValueEditor id={id} label={label} {...editor} />
        {fx}
      </Box>
      {help !== undefined && (
        <Typography variant="caption" component="p" sx={{ px: 0.5, color: 'text.secondary' }}>
          {help}
        </Typography>
      )}
    </Box>
  );
}
