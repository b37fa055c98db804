import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { api, type Problem, type Spec, type Workflow } from '@/api';
import { useSession } from '@/api/session';
import { findPart, useChecked, useComponentId, useDraft, useEdit } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Palette, PaletteMenu } from '../drawing/Palette';
import { EditorFrame } from '../parts/EditorFrame';
import { GonePart } from '../parts/GonePart';
import { PartPanel } from '../parts/PartPanel';
import { editDocument } from './commands';
import { type Document, listsOf, placeOf, taskAt, taskOn, tasksAt } from './document';
import { keyOf, newSettings } from './kinds';
import { TaskPanel } from './TaskPanel';
import { tracesOf } from './traces';
import { addHandler, canMove, insertTask, moveTask, newName, removeTask, renameTask, setSettings, type Spot } from './tree';
import { useWorkflowRun } from './useRun';
import { WorkflowRun } from './WorkflowRun';

const WorkflowCanvas = lazy(() => import('./WorkflowCanvas').then((module) => ({ default: module.WorkflowCanvas })));

const noProblems: readonly Problem[] = [];
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
  const mayWrite = session.can('components.write', component);
  const { data: catalogue, error, refetch } = api.useListTaskTypesQuery();
  const specs = useMemo(() => new Map((catalogue?.specs ?? []).map((spec) => [keyOf(spec), spec])), [catalogue]);
  const byType = (type: string) => catalogue?.specs?.find((spec) => spec.type === type);
  const problems = useChecked(component)?.problems ?? noProblems;
  const document = (workflow.document as Document | undefined) ?? noDocument;
  const [selected, setSelected] = useSelected(document);
  const [asking, setAsking] = useState<{ spot: Spot; anchor: HTMLElement }>();
  const [trying, setTrying] = useState(false);
  const run = useWorkflowRun(component, id, trying);
  const traces = useMemo(() => tracesOf(trying ? run.events : []), [trying, run.events]);
  const task = selected === undefined ? undefined : taskAt(document, selected);

  const add = (spot: Spot, spec: Spec | undefined) => {
    setAsking(undefined);
    if (spec === undefined) return;
    const name = newName(document, spec.title || spec.type || '');
    const settings = newSettings(spec, component, newName(document, t('newTask')));
    edit(editDocument(id, 'addTask', (one) => insertTask(one, spot, name, settings).document, spec.title));
    setSelected(insertTask(document, spot, name, settings).path);
  };
  /** From the palette: after the selected task, else at the end. */
  const append = (spec: Spec | undefined) => {
    const place = task === undefined ? { list: 'do', index: tasksAt(document, 'do').length } : placeOf(task.path);
    add(task === undefined ? place : { ...place, index: place.index + 1 }, spec);
  };
  const remove = (path: string) => {
    edit(editDocument(id, 'removeTask', (one) => removeTask(one, path), taskAt(document, path)?.name));
    setSelected(undefined);
  };
  const name = workflow.title || id;
  const found = problems.filter((problem) => problem.path?.startsWith(`workflows/${id}/`)).length;
  if (error !== undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <EditorFrame
        kind="workflows"
        name={name}
        problems={found}
        running={trying}
        onRun={session.can('workflows.start', component) ? () => setTrying((open) => !open) : undefined}
        left={mayWrite && <Palette specs={catalogue?.specs ?? []} onPick={append} />}
        centre={
          <Suspense fallback={<RowsSkeleton />}>
            {catalogue && (
              <WorkflowCanvas
                id={id}
                document={document}
                title={name}
                specs={specs}
                selected={selected}
                traces={traces}
                problems={problems}
                mayWrite={mayWrite}
                onSelect={(path) => setSelected(path?.split('#')[0])}
                onRemove={remove}
                onAsk={(spot, anchor) => setAsking({ spot, anchor })}
                onAdd={(spot, type) => add(spot, byType(type))}
              />
            )}
          </Suspense>
        }
        dock={trying && <WorkflowRun component={component} run={run} onClose={() => setTrying(false)} />}
        right={
          task === undefined ? (
            <PartPanel component={component} kind="workflows" id={id} />
          ) : (
            <TaskPanel
              component={component}
              workflow={id}
              task={task}
              siblings={tasksAt(document, placeOf(task.path).list)}
              spec={specs.get(task.kind)}
              problems={problems}
              mayWrite={mayWrite}
              onChange={(settings, what) => edit(editDocument(id, 'setTask', (one) => setSettings(one, task.path, settings), task.name, `${task.path}#${what}`))}
              onRename={(to) => {
                edit(editDocument(id, 'renameTask', (one) => renameTask(one, task.path, to).document, to));
                setSelected(renameTask(document, task.path, to).path);
              }}
              onRemove={() => remove(task.path)}
              lists={listsOf(document)
                .filter((list) => list.path !== placeOf(task.path).list && canMove(document, task.path, list.path))
                .map((list) => ({ id: list.path, title: list.task === '' ? name : `${list.task}: ${t(`begin.${list.role}`)}` }))}
              onMove={(to) => {
                edit(editDocument(id, 'moveTask', (one) => moveTask(one, task.path, to).document, task.name));
                setSelected(moveTask(document, task.path, to).path);
              }}
              onHandler={() => {
                const inner = newName(document, t('newTask'));
                edit(editDocument(id, 'addHandler', (one) => addHandler(one, task.path, inner, { set: {} }).document, task.name));
              }}
            />
          )
        }
      />
      <PaletteMenu anchor={asking?.anchor ?? null} specs={catalogue?.specs ?? []} onPick={(spec) => asking && add(asking.spot, spec)} onClose={() => setAsking(undefined)} />
    </>
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
