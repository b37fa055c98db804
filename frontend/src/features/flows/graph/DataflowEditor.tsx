import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { api, type Dataflow, type Problem, type Spec } from '@/api';
import { useSession } from '@/api/session';
import { findPart, useChecked, useComponentId, useDraft, useEdit } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Palette, PaletteMenu } from '../drawing/Palette';
import { EditorFrame } from '../parts/EditorFrame';
import { GonePart } from '../parts/GonePart';
import { PartPanel } from '../parts/PartPanel';
import { editFlow } from './commands';
import { DataflowRun, reportsOf, tracesOf, useDataflowRun } from './DataflowRun';
import { addStep, type Arrow, canConnect, connect, findStep, newStep, removeStep } from './graph';
import { StepPanel } from './StepPanel';

const DataflowCanvas = lazy(() => import('./DataflowCanvas').then((module) => ({ default: module.DataflowCanvas })));

const noProblems: readonly Problem[] = [];

/** The editor of one dataflow. */
export function Component() {
  const { part = '' } = useParams();
  const component = useComponentId();
  const flow = findPart(useDraft(component), 'dataflows', part);
  return flow === undefined ? <GonePart kind="dataflows" /> : <Editor key={part} component={component} flow={{ ...flow, id: part }} />;
}

function Editor({ component, flow }: { component: string; flow: Dataflow & { id: string } }) {
  const { t } = useTranslation('flows');
  const doc = useDraft(component);
  const edit = useEdit(component);
  const session = useSession();
  const mayWrite = session.can('components.write', component);
  const { data: catalogue, error, refetch } = api.useListStepTypesQuery();
  const specs = useMemo(() => new Map((catalogue?.specs ?? []).map((spec) => [spec.type ?? '', spec])), [catalogue]);
  const problems = useChecked(component)?.problems ?? noProblems;
  const [selected, setSelected] = useSelected();
  const [asking, setAsking] = useState<{ at: Partial<Arrow>; anchor: HTMLElement }>();
  const [trying, setTrying] = useState(false);
  const run = useDataflowRun(component, flow.id);
  const traces = useMemo(() => tracesOf(run.result, t), [run.result, t]);
  const step = findStep(flow, selected);
  const maxOf = useCallback((id: string) => specs.get(findStep(flow, id)?.type ?? '')?.maxSources ?? 1, [specs, flow]);

  const add = (at: Partial<Arrow>, spec: Spec | undefined) => {
    setAsking(undefined);
    if (spec === undefined) return;
    const made = newStep(flow, spec);
    edit(editFlow(flow.id, 'addStep', (one) => addStep(one, made, at, spec.maxSources === 0), spec.title));
    setSelected(made.id);
  };
  const remove = (id: string) => {
    edit(editFlow(flow.id, 'removeStep', (one) => removeStep(one, id), findStep(flow, id)?.title || id));
    if (id === selected) setSelected(undefined);
  };
  const name = flow.title || flow.id;
  const found = problems.filter((problem) => problem.path?.startsWith(`dataflows/${flow.id}/`)).length;
  if (error !== undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <EditorFrame
        kind="dataflows"
        name={name}
        problems={found}
        running={trying}
        onRun={session.can('dataflows.run', component) ? () => setTrying((open) => !open) : undefined}
        left={mayWrite && <Palette specs={catalogue?.specs ?? []} onPick={(spec) => add(selected === undefined ? {} : { source: selected }, spec)} />}
        centre={
          <Suspense fallback={<RowsSkeleton />}>
            {catalogue && (
              <DataflowCanvas
                flow={flow}
                title={name}
                specs={specs}
                selected={selected}
                traces={traces}
                problems={problems}
                mayWrite={mayWrite}
                onSelect={setSelected}
                onRemove={remove}
                onAsk={(at, anchor) => setAsking({ at, anchor })}
                onAdd={(at, type) => add(at, specs.get(type))}
                canConnect={(arrow) => canConnect(flow, arrow, maxOf(arrow.target))}
                onConnect={(arrow) => edit(editFlow(flow.id, 'connect', (one) => connect(one, arrow, maxOf(arrow.target)), arrow.target))}
              />
            )}
          </Suspense>
        }
        dock={trying && <DataflowRun component={component} run={run} onClose={() => setTrying(false)} />}
        right={
          step === undefined ? (
            <PartPanel component={component} kind="dataflows" id={flow.id} />
          ) : (
            <StepPanel
              component={doc}
              flow={flow}
              step={step}
              spec={specs.get(step.type ?? '')}
              problems={problems}
              report={reportsOf(run.result).get(step.id)}
              mayWrite={mayWrite}
              edit={edit}
              onRename={setSelected}
              onRemove={() => remove(step.id)}
            />
          )
        }
      />
      <PaletteMenu anchor={asking?.anchor ?? null} specs={catalogue?.specs ?? []} onPick={(spec) => add(asking?.at ?? {}, spec)} onClose={() => setAsking(undefined)} />
    </>
  );
}

/** The selected step; a problem's link names one: "?at=steps/store/params/fields". */
function useSelected(): [string | undefined, (step: string | undefined) => void] {
  const [search] = useSearchParams();
  const [, at] = (search.get('at') ?? '').split('/');
  const [selected, setSelected] = useState(at);
  useEffect(() => {
    if (at !== undefined) setSelected(at);
  }, [at]);
  return [selected, setSelected];
}
