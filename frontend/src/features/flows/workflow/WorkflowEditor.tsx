import { lazy, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { api, type Spec, type Workflow } from '@/api';
import { useSession } from '@/api/session';
import { findPart, useChecked, useComponentId, useDraft, useEdit } from '@/draft';
import { useSpecs } from '../catalogue/useSpecs';
import { FlowEditor } from '../parts/FlowEditor';
import { GonePart } from '../parts/GonePart';
import { editDocument } from './commands';
import { type Document, listsOf, placeOf, taskAt, taskOn, tasksAt } from './document';
import { keyOf, newSettings } from './kinds';
import { ScheduleFields } from './ScheduleFields';
import { TaskPanel } from './TaskPanel';
import { tracesOf } from './traces';
import { addBranch, addHandler, addUndo, canMove, insertTask, moveTask, newName, removeTask, renameTask, setSettings, type Spot } from './tree';
import { useWorkflowRun } from './useRun';
import { WorkflowRun } from './WorkflowRun';

const WorkflowCanvas = lazy(() => import('./WorkflowCanvas').then((module) => ({ default: module.WorkflowCanvas })));

const noDocument: Document = {};

/** The editor of one workflow. */
export function Component() {
  const { part = '' } = useParams();
  const component = useComponentId();
  const workflow = findPart(useDraft(component), 'workflows', part);
  return workflow === undefined ? <GonePart kind="workflows" /> : <Editor key={part} component={component} workflow={workflow} id={part} />;
}

function Editor({ component, workflow, id }: { component: string; workflow: Workflow; id: string }) {
  const { t } = useTranslation('flows');
  const edit = useEdit(component);
  const session = useSession();
  const { data: catalogue, error, refetch } = api.useListTaskTypesQuery();
  const known = useSpecs('tasks', catalogue?.specs);
  const specs = useMemo(() => new Map((known ?? []).map((spec) => [keyOf(spec), spec])), [known]);
  const document = (workflow.document as Document | undefined) ?? noDocument;
  const [selected, setSelected] = useSelected(document);
  const [trying, setTrying] = useState(false);
  const run = useWorkflowRun(component, id, trying);
  const traces = useMemo(() => tracesOf(trying ? run.events : []), [trying, run.events]);
  const task = selected === undefined ? undefined : taskAt(document, selected);
  const title = workflow.title || id;
  const wrongSchedule = useChecked(component)?.problems?.find((one) => one.path?.startsWith(`workflows/${id}/document/schedule`))?.message;
  const place = task && placeOf(task.path);

  const add = (spot: Spot, spec: Spec) => {
    const name = newName(document, spec.title || spec.type || '');
    const settings = newSettings(spec, component, newName(document, t('newTask')));
    edit(editDocument(id, 'addTask', (one) => insertTask(one, spot, name, settings).document, spec.title));
    setSelected(insertTask(document, spot, name, settings).path);
  };
  const remove = (path: string) => {
    edit(editDocument(id, 'removeTask', (one) => removeTask(one, path), taskAt(document, path)?.name));
    setSelected(undefined);
  };
  return (
    <FlowEditor<Spot>
      kind="workflows"
      component={component}
      id={id}
      title={title}
      specs={known}
      error={error}
      onRetry={() => void refetch()}
      mayRun={session.can('workflows.start', component)}
      trying={trying}
      onTry={setTrying}
      onAdd={add}
      end={place === undefined ? { list: 'do', index: tasksAt(document, 'do').length } : { ...place, index: place.index + 1 }}
      drawing={(props) => (
        <WorkflowCanvas
          {...props}
          id={id}
          document={document}
          specs={specs}
          selected={selected}
          traces={traces}
          onSelect={(path) => setSelected(path?.split('#')[0])}
          onRemove={remove}
        />
      )}
      settings={
        <ScheduleFields
          document={document}
          error={wrongSchedule}
          onChange={(next) => edit(editDocument(id, 'schedule', () => next, title, 'schedule'))}
        />
      }
      dock={<WorkflowRun component={component} workflow={id} run={run} onClose={() => setTrying(false)} />}
      panel={
        task && (
          <TaskPanel
            component={component}
            workflow={id}
            task={task}
            siblings={tasksAt(document, placeOf(task.path).list)}
            spec={specs.get(task.kind)}
            mayWrite={session.can('components.write', component)}
            onChange={(settings, what) => edit(editDocument(id, 'setTask', (one) => setSettings(one, task.path, settings), task.name, `${task.path}#${what}`))}
            onRename={(to) => {
              edit(editDocument(id, 'renameTask', (one) => renameTask(one, task.path, to).document, to));
              setSelected(renameTask(document, task.path, to).path);
            }}
            onRemove={() => remove(task.path)}
            lists={listsOf(document)
              .filter((list) => list.path !== place?.list && canMove(document, task.path, list.path))
              .map((list) => ({ id: list.path, title: list.task === '' ? title : `${list.task}: ${t(`begin.${list.role}`)}` }))}
            onMove={(to) => {
              edit(editDocument(id, 'moveTask', (one) => moveTask(one, task.path, to).document, task.name));
              setSelected(moveTask(document, task.path, to).path);
            }}
            onAdd={(what) => {
              const [name, inner] = [newName(document, t('newBranch')), newName(document, t('newTask'))];
              const change = (one: Document) => {
                if (what === 'branch') return addBranch(one, task.path, name, inner);
                return what === 'undo' ? addUndo(one, task.path, inner) : addHandler(one, task.path, inner, { set: {} });
              };
              edit(editDocument(id, `add.${what}`, (one) => change(one).document, task.name));
              if (what !== 'handler') setSelected(change(document).path);
            }}
          />
        )
      }
    />
  );
}

/** The selected task; a problem's link names a setting of one: "?at=document/do/0/ask/with/title". */
function useSelected(document: Document): [string | undefined, (task: string | undefined) => void] {
  const [search] = useSearchParams();
  const at = search.get('at')?.replace(/^document\//, '');
  const named = at === undefined ? undefined : taskOn(document, at);
  const [selected, setSelected] = useState(named);
  useEffect(() => {
    if (named !== undefined) setSelected(named);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only another link selects anew, not an edit
  }, [at]);
  return [selected, setSelected];
}
