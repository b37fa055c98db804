import { lazy, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { api, type Dataflow, type Spec } from '@/api';
import { useSession } from '@/api/session';
import { findPart, useComponentId, useDraft, useEdit } from '@/draft';
import { useSpecs } from '../catalogue/useSpecs';
import { FlowEditor } from '../parts/FlowEditor';
import { GonePart } from '../parts/GonePart';
import { useSample } from '../run/useSample';
import { editFlow } from './commands';
import { DataflowRun } from './DataflowRun';
import { addStep, type Arrow, canConnect, connect, findStep, newStep, removeStep } from './graph';
import { tracesOf } from './outcome';
import { StepPanel } from './StepPanel';
import { useDataflowRun } from './useDataflowRun';
import { useLanguages, useObjects, useStepTypes } from './useLanguages';

const DataflowCanvas = lazy(() => import('./DataflowCanvas').then((module) => ({ default: module.DataflowCanvas })));

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
  const known = useSpecs('steps', catalogue?.specs);
  const specs = useMemo(() => new Map((known ?? []).map((spec) => [spec.type ?? '', spec])), [known]);
  const [selected, setSelected] = useSelected();
  const [trying, setTrying] = useState(false);
  const run = useDataflowRun(component, flow.id, setSelected);
  const { outcome } = run;
  const traces = useMemo(() => tracesOf(trying ? outcome : undefined, t), [trying, outcome, t]);
  const [sample, setSample] = useSample(component, `dataflows/${flow.id}`);
  const step = findStep(flow, selected);
  const objects = useObjects(doc);
  const types = useStepTypes(component, flow.id, objects);
  const languageOf = useLanguages({ step, objects, types, outcome: run.lastTest, input: sample.input });
  const maxOf = useCallback((id: string) => specs.get(findStep(flow, id)?.type ?? '')?.maxSources ?? 1, [specs, flow]);

  const add = (at: Partial<Arrow>, spec: Spec) => {
    const made = newStep(flow, spec);
    edit(editFlow(flow.id, 'addStep', (one) => addStep(one, made, at, spec.maxSources === 0), spec.title));
    setSelected(made.id);
  };
  const remove = (id: string) => {
    edit(editFlow(flow.id, 'removeStep', (one) => removeStep(one, id), findStep(flow, id)?.title || id));
    if (id === selected) setSelected(undefined);
  };
  return (
    <FlowEditor<Partial<Arrow>>
      kind="dataflows"
      component={component}
      id={flow.id}
      title={flow.title || flow.id}
      specs={known}
      error={error}
      onRetry={() => void refetch()}
      mayRun={mayWrite || session.can('dataflows.run', component)}
      trying={trying}
      onTry={setTrying}
      onAdd={add}
      end={selected === undefined ? {} : { source: selected }}
      drawing={(props) => (
        <DataflowCanvas
          {...props}
          flow={flow}
          specs={specs}
          selected={selected}
          traces={traces}
          onSelect={setSelected}
          onRemove={remove}
          canConnect={(arrow) => canConnect(flow, arrow, maxOf(arrow.target))}
          onConnect={(arrow) => edit(editFlow(flow.id, 'connect', (one) => connect(one, arrow, maxOf(arrow.target)), arrow.target))}
        />
      )}
      dock={
        <DataflowRun
          component={component}
          run={run}
          sample={sample}
          onSample={setSample}
          step={step && { id: step.id, title: step.title || step.id, type: types.get(step.id) }}
          onClose={() => setTrying(false)}
        />
      }
      panel={
        step && (
          <StepPanel
            component={doc}
            flow={flow}
            step={step}
            spec={specs.get(step.type ?? '')}
            item={types.get(step.sources?.[0] ?? '')}
            languageOf={languageOf}
            mayWrite={mayWrite}
            edit={edit}
            onRename={setSelected}
            onRemove={() => remove(step.id)}
          />
        )
      }
    />
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
