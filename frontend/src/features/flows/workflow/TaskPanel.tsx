import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import DownIcon from '@mui/icons-material/ArrowDownward';
import UpIcon from '@mui/icons-material/ArrowUpward';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem, Spec } from '@/api';
import { useChecked } from '@/draft';
import { isObject, type Json } from '@/values/json';
import { Expression, Group, Loose, OneOf, Settled } from '../fields/basic';
import { setPair } from '../fields/pairs';
import { ParamField } from '../fields/ParamField';
import { ProblemList } from '../fields/ProblemList';
import { type Scope, under } from '../fields/scope';
import { PanelHead } from '../parts/EditorFrame';
import { blocksOf, placeOf, type Settings, type Task } from './document';
import { type Addition, FlowFields } from './FlowFields';
import { directives, thenOf } from './jumps';

interface TaskPanelProps {
  component: string;
  workflow: string;
  task: Task;
  /** The tasks of the same list. */
  siblings: readonly Task[];
  spec: Spec | undefined;
  mayWrite: boolean;
  /** `what` names the setting, so that typing into it is one step of undo. */
  onChange: (settings: Settings, what: string) => void;
  onRename: (name: string) => void;
  onRemove: () => void;
  onMove: (to: { list: string; index: number }) => void;
  /** The other lists that it may be moved to. */
  lists: readonly { id: string; title: string }[];
  onAdd: (what: Addition) => void;
}

const noProblems: readonly Problem[] = [];

/** The settings of a task: those of its kind, then those that every task has. */
export function TaskPanel(props: TaskPanelProps) {
  const { component, workflow, task, siblings, spec, mayWrite, onChange, onRename, onRemove, onMove, lists, onAdd } = props;
  const { t } = useTranslation('flows');
  const scope = useMemo<Scope>(() => ({ component, names: [], languageOf: () => undefined, mayWrite }), [component, mayWrite]);
  const problems = useChecked(component)?.problems ?? noProblems;
  const path = `workflows/${workflow}/document/${task.path}`;
  const own = under(problems, path);
  const names = siblings.map((one) => one.name);
  const at = names.indexOf(task.name);
  const { list } = placeOf(task.path);
  const called = isObject(task.settings.with) ? task.settings.with : {};
  const params = task.kind.startsWith('call/') ? (spec?.params ?? []) : [];
  const set = (name: string, value: unknown) => onChange(setPair(task.settings, name, value), name);
  return (
    <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0, minWidth: 0 }}>
      <PanelHead
        title={spec?.title || task.kind}
        text={spec?.summary}
        actions={
          <Box sx={{ display: 'flex' }}>
            <Act words={t('up')} disabled={at <= 0} onClick={() => onMove({ list, index: at - 1 })} icon={<UpIcon fontSize="small" />} />
            <Act words={t('down')} disabled={at === names.length - 1} onClick={() => onMove({ list, index: at + 2 })} icon={<DownIcon fontSize="small" />} />
            <Act words={t('removeOne', { name: task.name })} disabled={false} onClick={onRemove} icon={<DeleteIcon fontSize="small" />} />
          </Box>
        }
      />
      <Box key={task.path} sx={{ p: 2, display: 'grid', gap: 2 }}>
        <ProblemList problems={own} />
        <Settled
          label={t('field.name')}
          value={task.name}
          taken={(name) => (names.includes(name) ? t('field.taken') : /^[^/#]{1,80}$/.test(name) && !directives.some((word) => word === name) ? undefined : t('field.badName'))}
          onChange={(name) => name !== undefined && onRename(name)}
        />
        {params.map((param) => (
          <ParamField
            key={param.name}
            param={param}
            values={called as Readonly<Record<string, Json>>}
            scope={scope}
            problems={own}
            path={`${path}/with`}
            templates
            onChange={(value) => onChange({ ...task.settings, with: setPair(called, param.name ?? '', value) }, `with/${param.name}`)}
          />
        ))}
        {params.length === 0 && <FlowFields task={task} names={names} onChange={onChange} onAdd={onAdd} />}
        {lists.length > 0 && (
          <OneOf label={t('moveTo')} value="" choices={lists} none={t('field.choose')} onChange={(to) => to !== undefined && onMove({ list: to, index: Infinity })} />
        )}
        {!blocksOf(task).some((block) => block.role === 'undo') && (
          <Box>
            <Button onClick={() => onAdd('undo')}>{t('undo.add')}</Button>
          </Box>
        )}
        <Common settings={task.settings} kind={task.kind} names={list.endsWith('/fork/branches') ? [] : names.filter((name) => name !== task.name)} set={set} />
      </Box>
    </Box>
  );
}

function Act({ words, disabled, onClick, icon }: { words: string; disabled: boolean; onClick: () => void; icon: React.ReactNode }) {
  return (
    <Tooltip title={words}>
      <span>
        <IconButton aria-label={words} disabled={disabled} onClick={onClick}>
          {icon}
        </IconButton>
      </span>
    </Tooltip>
  );
}

function part(settings: Settings, name: string, member: string): Json | undefined {
  const value = settings[name];
  return isObject(value) ? value[member] : undefined;
}

/** What every task may have. */
function Common({ settings, kind, names, set }: { settings: Settings; kind: string; names: readonly string[]; set: (name: string, value: unknown) => void }) {
  const { t } = useTranslation('flows');
  const inside = (name: string, member: string) => (value: unknown) => set(name, value === undefined ? undefined : { [member]: value });
  const goOn = [...names.map((id) => ({ id, title: id })), { id: 'exit', title: t('then.exit') }, { id: 'end', title: t('then.end') }];
  return (
    <Group title={t('always')}>
      <Box sx={{ display: 'grid', gap: 2, mt: 0.5 }}>
        <Expression label={t('task.if')} help={t('task.ifHelp')} value={typeof settings.if === 'string' ? settings.if : ''} onChange={(value) => set('if', value)} />
        <Loose label={t('task.export')} help={t('task.exportHelp')} value={part(settings, 'export', 'as')} onChange={inside('export', 'as')} />
        <Loose label={t('task.output')} value={part(settings, 'output', 'as')} onChange={inside('output', 'as')} />
        <Loose label={t('task.timeout')} help={t('task.timeoutHelp')} value={part(settings, 'timeout', 'after')} onChange={inside('timeout', 'after')} />
        <OneOf
          label={t(kind === 'switch' ? 'task.otherwise' : 'task.then')}
          value={thenOf(settings) === 'continue' ? '' : (thenOf(settings) ?? '')}
          choices={goOn}
          none={t('then.continue')}
          onChange={(value) => set('then', value)}
        />
      </Box>
    </Group>
  );
}
