import Box from '@mui/material/Box';
import { useTranslation } from 'react-i18next';
import type { Action } from '@/controls/contract';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { Choice, TextInput } from './inputs';
import { MappingEditor, settled } from './MappingEditor';
import { Labelled } from './Labelled';
import { ComponentPicker, PartPicker } from './pickers';
import { useFieldsOf } from './scope';

interface ActionShape {
  /** What it names. */
  part?: 'page' | 'dataflow' | 'workflow' | 'script';
  /** May be another component's. */
  component?: true;
  /** Named values that go along. */
  values?: 'input' | 'params';
  file?: true;
}

/** What there is to say about each action. */
export const actions: Readonly<Record<Action['type'], ActionShape>> = {
  'run-dataflow': { part: 'dataflow', component: true, values: 'input' },
  'start-workflow': { part: 'workflow', component: true, values: 'input' },
  'run-script': { part: 'script', component: true, values: 'input' },
  'open-page': { part: 'page', component: true, values: 'params' },
  'open-modal': { part: 'page', component: true, values: 'params' },
  'open-sidebar': { part: 'page', component: true, values: 'params' },
  'add-record': { part: 'page', component: true, values: 'params' },
  'edit-record': { part: 'page', component: true, values: 'params' },
  'delete-record': { component: true },
  'open-component': { component: true },
  'open-file': { file: true },
  'navigate-back': {},
  close: {},
};

/** Another kind of action keeps what both have in common. */
export function changeType(before: JsonObject, type: Action['type']): JsonObject {
  const { part, component, values, file } = actions[type];
  const kept = [part, component && 'component', values, file && 'file'];
  return { type, ...Object.fromEntries(Object.entries(before).filter(([name]) => kept.includes(name))) };
}

interface ActionEditorProps {
  id?: string | undefined;
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** What happens when a control is used. */
export function ActionEditor({ id, label, value, onChange }: ActionEditorProps) {
  const { t } = useTranslation('pages');
  const action: JsonObject = isObject(value) ? value : {};
  const type = typeOf(action);
  const shape = isActionType(type) ? actions[type] : undefined;
  const component = text(action.component);
  const names = useFieldsOf(component).map((field) => field.name ?? '');
  const set = (name: string, next: Json | undefined) => onChange(settled({ ...action, type, [name]: next === '' ? undefined : next }));
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Choice
        id={id}
        label={label}
        value={type}
        none={t('action.none')}
        options={Object.keys(actions).map((one) => ({ value: one, label: t(`action.${one}`) }))}
        onChange={(next) => onChange(isActionType(next) ? changeType(action, next) : undefined)}
      />
      {shape?.component && (
        <Labelled label={t('action.component')}>
          {(labelled) => (
            <ComponentPicker
              id={labelled}
              value={component}
              none={t('action.own')}
              onChange={(next) => onChange(settled({ ...action, type, component: next || undefined, ...(shape.part && { [shape.part]: undefined }) }))}
            />
          )}
        </Labelled>
      )}
      {shape?.part !== undefined && (
        <PartOf kind={shape.part} component={component} value={text(action[shape.part])} onChange={(next) => set(shape.part ?? '', next)} />
      )}
      {shape?.file && (
        <Labelled label={t('action.file')}>{(labelled) => <TextInput id={labelled} value={text(action.file)} onChange={(next) => set('file', next)} />}</Labelled>
      )}
      {shape?.values !== undefined && (
        <Labelled label={t(`action.${shape.values}`)}>
          {() => <MappingEditor label={t(`action.${shape.values}`)} value={action[shape.values ?? 'input']} names={names} onChange={(next) => set(shape.values ?? 'input', next)} />}
        </Labelled>
      )}
    </Box>
  );
}

function PartOf({ kind, component, value, onChange }: { kind: NonNullable<ActionShape['part']>; component: string; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('pages');
  return (
    <Labelled label={t(`action.${kind}`)}>
      {(labelled) => <PartPicker id={labelled} kind={kind} component={component} value={value} onChange={onChange} />}
    </Labelled>
  );
}

/** Documents of a grid's button for new records may leave the type out. */
function typeOf({ type, page }: JsonObject): string {
  return typeof type === 'string' ? type : page === undefined ? '' : 'add-record';
}

function isActionType(type: string): type is Action['type'] {
  return Object.hasOwn(actions, type);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
