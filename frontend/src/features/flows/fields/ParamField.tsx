import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Component, Param, Problem } from '@/api';
import { isObject, type Json } from '@/values/json';
import { Answers } from './Answers';
import { Expression, type FieldProps, Group, Loose, Name, Names, OneOf, TextLine, Whole, YesNo } from './basic';
import { ExpressionField } from './ExpressionField';
import { Mapping } from './Mapping';
import { Roles } from './Roles';
import { type Choice, type Scope, under, useComponentChoices, useParts } from './scope';

const CodeEditor = lazy(() => import('./CodeEditor').then((module) => ({ default: module.CodeEditor })));

interface ParamFieldProps {
  param: Param;
  /** All settings: some say what others refer to. */
  values: Readonly<Record<string, Json | undefined>>;
  onChange: (value: Json | undefined) => void;
  scope: Scope;
  problems: readonly Problem[];
  /** Path of the settings, before the name of this one. */
  path: string;
  /** Expressions stand in "${ }" within texts, as workflows have them. */
  templates?: boolean;
}

type RefKind = 'dataflows' | 'workflows' | 'scripts' | 'pages';

const refs: Partial<Record<string, RefKind>> = {
  PARAM_KIND_DATAFLOW: 'dataflows',
  PARAM_KIND_WORKFLOW: 'workflows',
  PARAM_KIND_SCRIPT: 'scripts',
  PARAM_KIND_PAGE: 'pages',
};

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value));
const texts = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.map(text) : []);

/** The editor of one setting, after what its kind says of it. */
export function ParamField(props: ParamFieldProps) {
  const { param, values, onChange, scope, problems, path, templates = false } = props;
  const { t } = useTranslation('flows');
  const name = param.name ?? '';
  const value = values[name];
  const target = text(param.ofComponent ? values[param.ofComponent] : undefined);
  const found = under(problems, `${path}/${name}`);
  const error = found[0]?.message;
  const fallback = param.default === undefined || param.default === null ? undefined : t('field.standard', { value: text(param.default) });
  const field = { label: param.title || name, help: param.help || undefined, error, required: param.required ?? false };
  const line: FieldProps<string> = { ...field, value: text(value), onChange };
  switch (param.kind) {
    case 'PARAM_KIND_INT':
      return <Whole {...field} value={value} onChange={onChange} />;
    case 'PARAM_KIND_BOOL':
      return <YesNo {...field} value={value} onChange={onChange} standard={param.default === true} />;
    case 'PARAM_KIND_ENUM':
      return <OneOf {...line} choices={(param.options ?? []).map((id) => ({ id, title: id }))} none={fallback} />;
    case 'PARAM_KIND_EXPRESSION': {
      const language = scope.languageOf(name);
      if (language === undefined) return <Expression {...line} help={hint(field.help, param.resultType)} />;
      return <ExpressionField {...line} language={language} expected={param.resultType} readOnly={!scope.mayWrite} />;
    }
    case 'PARAM_KIND_MAPPING':
      return <MappingParam {...props} target={target} value={value} />;
    case 'PARAM_KIND_FIELD':
      return <FieldName line={line} scope={scope} target={target} inComponent={Boolean(param.ofComponent)} />;
    case 'PARAM_KIND_FIELDS':
      return <FieldNames {...field} value={texts(value)} onChange={onChange} scope={scope} target={target} inComponent={Boolean(param.ofComponent)} />;
    case 'PARAM_KIND_TEXTS':
      return <Names {...field} value={texts(value)} onChange={onChange} names={scope.names} />;
    case 'PARAM_KIND_COMPONENT':
      return <ComponentName line={line} scope={scope} />;
    case 'PARAM_KIND_DATAFLOW':
    case 'PARAM_KIND_WORKFLOW':
    case 'PARAM_KIND_SCRIPT':
    case 'PARAM_KIND_PAGE':
      return <PartName line={line} scope={scope} target={target} kind={refs[param.kind] ?? 'pages'} />;
    case 'PARAM_KIND_PYTHON':
      return (
        <Group title={field.label} help={field.help} error={error}>
          <Suspense fallback={null}>
            <CodeEditor label={field.label} value={text(value)} onChange={(next) => onChange(next || undefined)} problems={found} height={220} />
          </Suspense>
        </Group>
      );
    case 'PARAM_KIND_ROLES':
      // A text is an expression that gives them.
      if (value !== undefined && !Array.isArray(value)) return <Loose {...field} value={value} onChange={onChange} />;
      return <Roles {...field} value={texts(value)} onChange={onChange} />;
    case 'PARAM_KIND_CHOICES':
      return <AnswersParam {...field} value={value} onChange={onChange} scope={scope} />;
    case 'PARAM_KIND_JSON':
      return <Loose {...field} value={value} onChange={onChange} />;
    default:
      if (templates && value !== undefined && typeof value !== 'string') return <Loose {...field} value={value} onChange={onChange} />;
      return templates ? <Expression {...line} /> : <TextLine {...line} help={line.help ?? fallback} />;
  }
}

function hint(help: string | undefined, type: string | undefined): string | undefined {
  if (!type) return help;
  return help === undefined ? `→ ${type}` : `${help} → ${type}`;
}

function fieldsOf(component: Component | undefined): readonly string[] {
  return (component?.model?.fields ?? []).map((field) => field.name ?? '').filter(Boolean);
}

function AnswersParam({ scope, ...field }: FieldProps & { scope: Scope }) {
  const fields = (useParts(scope, '')?.model?.fields ?? []).filter((one) => (one.integer?.options?.length ?? 0) > 0);
  return <Answers {...field} fields={fields.map(({ name = '', title }) => ({ id: name, title: title || name }))} />;
}

interface InComponent {
  scope: Scope;
  target: string;
  inComponent: boolean;
}

function useNames({ scope, target, inComponent }: InComponent): readonly string[] {
  const component = useParts(scope, target);
  return inComponent ? fieldsOf(component) : scope.names;
}

function FieldName({ line, ...where }: InComponent & { line: FieldProps<string> }) {
  return <Name {...line} names={useNames(where)} />;
}

function FieldNames({ scope, target, inComponent, ...field }: InComponent & FieldProps<readonly string[]>) {
  return <Names {...field} names={useNames({ scope, target, inComponent })} />;
}

function ComponentName({ line, scope }: { line: FieldProps<string>; scope: Scope }) {
  const { t } = useTranslation('flows');
  return <OneOf {...line} choices={useComponentChoices(scope)} none={line.required ? t('field.choose') : t('field.thisOne')} />;
}

function PartName({ line, scope, target, kind }: { line: FieldProps<string>; scope: Scope; target: string; kind: RefKind }) {
  const { t } = useTranslation('flows');
  const parts = useParts(scope, target)?.[kind] ?? [];
  const choices: Choice[] = parts.map((part) => ({ id: part.id ?? '', title: part.title || part.id || '' }));
  return <OneOf {...line} choices={choices} none={line.required ? t('field.choose') : undefined} />;
}

function MappingParam({ param, value, onChange, scope, target, problems, path, templates = false }: ParamFieldProps & { value: Json | undefined; target: string }) {
  const component = useParts(scope, target);
  const name = param.name ?? '';
  const inComponent = Boolean(param.ofComponent);
  if (value !== undefined && !isObject(value)) {
    return <Loose label={param.title || name} value={value} onChange={onChange} error={under(problems, `${path}/${name}`)[0]?.message} />;
  }
  return (
    <Mapping
      label={param.title || name}
      help={param.help || under(problems, `${path}/${name}`).find((one) => one.path === `${path}/${name}`)?.message}
      value={value ?? {}}
      onChange={onChange}
      names={inComponent ? fieldsOf(component) : scope.names}
      same={templates || !inComponent ? undefined : (field) => (field === '' ? '' : `item.${field}`)}
      texts={!templates}
      language={scope.languageOf(name)}
      readOnly={!scope.mayWrite}
      problems={(row) => under(problems, `${path}/${name}/${row}`)}
    />
  );
}
