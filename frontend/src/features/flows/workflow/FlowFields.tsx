import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import Switch from '@mui/material/Switch';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useTranslation } from 'react-i18next';
import { nameFrom } from '@/draft';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { Expression, Group, Loose, OneOf, Settled, TextLine } from '../fields/basic';
import { Mapping } from '../fields/Mapping';
import { setPair } from '../fields/pairs';
import { blocksOf, casesOf, type Settings, type Task } from './document';

/** Lists of tasks that a task may get: another branch, what takes its errors, what undoes it. */
export type Addition = 'branch' | 'handler' | 'undo';

interface FlowFieldsProps {
  task: Task;
  /** Names of the tasks of the same list, which cases may go to. */
  names: readonly string[];
  onChange: (settings: Settings, what: string) => void;
  onAdd: (what: Addition) => void;
}

const object = (value: unknown): JsonObject => (isObject(value) ? value : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An object with a member set at a path, or removed by undefined; objects that become empty go as well. */
export function withAt(value: JsonObject, path: readonly string[], to: Json | undefined): JsonObject {
  const [step = '', ...rest] = path;
  const member = rest.length === 0 ? to : withAt(object(value[step]), rest, to);
  const empty = rest.length > 0 && isObject(member) && Object.keys(member).length === 0;
  return setPair(value, step, empty ? undefined : member);
}

/** The member at a path. */
function at(value: unknown, path: readonly string[]): Json | undefined {
  return path.reduce<unknown>((one, step) => object(one)[step], value) as Json | undefined;
}

/** The settings of the kinds of task that are not functions. */
export function FlowFields({ task, names, onChange, onAdd }: FlowFieldsProps) {
  const { t } = useTranslation('flows');
  const { settings, kind } = task;
  const under = (key: string) => ({
    get: (...path: string[]) => at(settings[key], path),
    set: (...path: string[]) => (value: Json | undefined) => onChange({ ...settings, [key]: withAt(object(settings[key]), path, value) }, [key, ...path].join('/')),
  });
  switch (kind) {
    case 'set':
      return <SetFields value={settings.set as Json} onChange={(value) => onChange({ ...settings, set: value ?? {} }, 'set')} />;
    case 'switch':
      return <Cases settings={settings} names={names.filter((name) => name !== task.name)} onChange={(cases) => onChange({ ...settings, switch: cases }, 'switch')} />;
    case 'for': {
      const { get, set } = under('for');
      return (
        <>
          <Expression label={t('for.in')} help={t('for.inHelp')} required value={text(get('in'))} onChange={set('in')} />
          <TextLine label={t('for.each')} value={text(get('each'))} onChange={set('each')} />
          <TextLine label={t('for.at')} value={text(get('at'))} onChange={set('at')} />
          <Expression label={t('for.while')} help={t('for.whileHelp')} value={text(settings.while)} onChange={(value) => onChange(withAt(settings as JsonObject, ['while'], value), 'while')} />
        </>
      );
    }
    case 'wait':
      return <Loose label={t('wait.for')} help={t('wait.help')} required value={settings.wait as Json} onChange={(value) => onChange({ ...settings, wait: value ?? '' }, 'wait')} />;
    case 'raise': {
      const { get, set } = under('raise');
      return (
        <>
          <TextLine label={t('raise.type')} required value={text(get('error', 'type'))} onChange={set('error', 'type')} />
          <Loose label={t('raise.status')} required value={get('error', 'status')} onChange={set('error', 'status')} />
          <Expression label={t('raise.title')} value={text(get('error', 'title'))} onChange={set('error', 'title')} />
          <Expression label={t('raise.detail')} value={text(get('error', 'detail'))} onChange={set('error', 'detail')} />
        </>
      );
    }
    case 'listen':
      return <Events value={object(object(settings.listen).to)} onChange={(to) => onChange({ ...settings, listen: { to } }, 'listen')} />;
    case 'fork': {
      const { get, set } = under('fork');
      return (
        <>
          <FormControlLabel
            control={<Switch size="small" checked={get('compete') === true} onChange={(event) => set('compete')(event.target.checked ? true : undefined)} />}
            label={t('fork.compete')}
            slotProps={{ typography: { variant: 'body2' } }}
          />
          <Box>
            <Button startIcon={<AddIcon />} variant="outlined" onClick={() => onAdd('branch')}>
              {t('fork.add')}
            </Button>
          </Box>
        </>
      );
    }
    case 'try': {
      const { get } = under('catch');
      const set = (...path: string[]) => (value: Json | undefined) =>
        onChange({ ...settings, catch: withAt(object(settings.catch), path, value) }, ['catch', ...path].join('/'));
      return (
        <>
          <Group title={t('catch.errors')}>
            <Box sx={{ display: 'grid', gap: 2, mt: 0.5 }}>
              <Loose label={t('catch.status')} value={get('errors', 'with', 'status')} onChange={set('errors', 'with', 'status')} />
              <TextLine label={t('catch.type')} value={text(get('errors', 'with', 'type'))} onChange={set('errors', 'with', 'type')} />
              <Expression label={t('catch.when')} value={text(get('when'))} onChange={set('when')} />
              <TextLine label={t('catch.as')} value={text(get('as'))} onChange={set('as')} />
            </Box>
          </Group>
          <Group title={t('catch.retry')}>
            <Box sx={{ display: 'grid', gap: 2, mt: 0.5 }}>
              <Loose label={t('catch.delay')} value={get('retry', 'delay')} onChange={set('retry', 'delay')} />
              <Loose label={t('catch.count')} value={get('retry', 'limit', 'attempt', 'count')} onChange={set('retry', 'limit', 'attempt', 'count')} />
            </Box>
          </Group>
          {!blocksOf(task).some((block) => block.role === 'catch') && (
            <Box>
              <Button startIcon={<AddIcon />} variant="outlined" onClick={() => onAdd('handler')}>
                {t('catch.handler')}
              </Button>
            </Box>
          )}
        </>
      );
    }
    default:
      return null;
  }
}

const strategies = ['one', 'any', 'all'] as const;

/** The types of the events that a task waits for, and for how many of them. */
function Events({ value, onChange }: { value: JsonObject; onChange: (to: JsonObject) => void }) {
  const { t } = useTranslation('flows');
  const how = strategies.find((one) => value[one] !== undefined) ?? 'one';
  const list = how === 'one' ? [value.one] : Array.isArray(value[how]) ? value[how] : [];
  const types = list.map((one) => text(at(one, ['with', 'type'])));
  const write = (next: string, names: readonly string[]) => {
    const events = names.map((type) => ({ with: { type } }));
    onChange(next === 'one' ? { one: events[0] ?? { with: { type: '' } } } : { [next]: events });
  };
  return (
    <>
      <OneOf
        label={t('listen.how')}
        value={how}
        choices={strategies.map((id) => ({ id, title: t(`listen.${id}`) }))}
        onChange={(next) => write(next ?? 'one', types)}
      />
      <TextLine
        label={t(how === 'one' ? 'listen.type' : 'listen.types')}
        help={t('listen.help')}
        required
        multiline={how !== 'one'}
        value={types.join('\n')}
        onChange={(typed) => write(how, (typed ?? '').split('\n'))}
      />
    </>
  );
}

function SetFields({ value, onChange }: { value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const { t } = useTranslation('flows');
  if (!isObject(value)) return <Loose label={t('set.values')} help={t('set.help')} value={value} onChange={onChange} rows={3} />;
  return <Mapping label={t('set.values')} help={t('set.help')} value={value} onChange={(next) => onChange(next as Json)} names={[]} texts={false} problems={() => []} />;
}

interface CasesProps {
  settings: Settings;
  names: readonly string[];
  onChange: (cases: Json) => void;
}

function Cases({ settings, names, onChange }: CasesProps) {
  const { t } = useTranslation('flows');
  const cases = casesOf(settings);
  const write = (next: readonly { name: string; when: string | undefined; then: string }[]) =>
    onChange(next.map(({ name, when, then }) => ({ [name]: { ...(when !== undefined && { when }), then } })));
  const change = (i: number, to: Partial<{ name: string; when: string | undefined; then: string }>) => write(cases.map((one, n) => (n === i ? { ...one, ...to } : one)));
  const targets = [...names, 'exit', 'end'].map((id) => ({ id, title: id === 'exit' || id === 'end' ? t(`then.${id}`) : id }));
  return (
    <Group title={t('switch.cases')} help={t('switch.help')}>
      {cases.map((one, i) => (
        <Box key={i} role="group" aria-label={one.name} sx={{ display: 'grid', gap: 1.5, p: 1.5, border: 1, borderColor: 'divider', borderRadius: 1 }}>
          <Box sx={{ display: 'flex', gap: 0.5, alignItems: 'start' }}>
            <Settled
              label={t('field.name')}
              value={one.name}
              taken={(name) => (name === '' || cases.some((other) => other.name === name) ? t('field.taken') : undefined)}
              onChange={(name) => name !== undefined && change(i, { name })}
            />
            <IconButton aria-label={t('removeOne', { name: one.name })} onClick={() => write(cases.filter((_, n) => n !== i))}>
              <CloseIcon sx={{ fontSize: 16 }} />
            </IconButton>
          </Box>
          <Expression label={t('switch.when')} help={one.when === undefined ? t('switch.always') : undefined} value={one.when ?? ''} onChange={(when) => change(i, { when })} />
          <OneOf label={t('switch.then')} value={one.then === 'continue' ? '' : one.then} choices={targets} none={t('then.continue')} onChange={(then) => change(i, { then: then ?? 'continue' })} />
        </Box>
      ))}
      <Box>
        <Button startIcon={<AddIcon />} onClick={() => write([{ name: nameFrom('case', cases.map((one) => one.name)), when: '${ false }', then: 'continue' }, ...cases])}>
          {t('switch.add')}
        </Button>
      </Box>
    </Group>
  );
}
