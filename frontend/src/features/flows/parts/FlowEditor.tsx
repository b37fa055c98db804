import { type ReactNode, Suspense, useState } from 'react';
import type { Problem, Spec } from '@/api';
import { useSession } from '@/api/session';
import { useChecked } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Palette, PaletteMenu } from '../drawing/Palette';
import { under } from '../fields/scope';
import { EditorFrame } from './EditorFrame';
import { PartPanel } from './PartPanel';

const noProblems: readonly Problem[] = [];

/** What a drawing needs, whatever it draws; a place is where something may be added. */
export interface DrawingProps<Place> {
  title: string;
  problems: readonly Problem[];
  mayWrite: boolean;
  /** Asks what to add there. */
  onAsk: (at: Place, anchor: HTMLElement) => void;
  onAdd: (at: Place, type: string) => void;
}

interface FlowEditorProps<Place> {
  kind: 'dataflows' | 'workflows';
  component: string;
  id: string;
  title: string;
  /** What can be added, once it is known. */
  specs: readonly Spec[] | undefined;
  error: unknown;
  onRetry: () => void;
  /** Permission to try it beside that to write. */
  mayRun: boolean;
  trying: boolean;
  onTry: (open: boolean) => void;
  onAdd: (at: Place, spec: Spec) => void;
  /** Where something goes that is picked from the palette at the side. */
  end: Place;
  drawing: (props: DrawingProps<Place>) => ReactNode;
  dock: ReactNode;
  /** The settings of what is selected. */
  panel: ReactNode;
  /** Settings of the whole, beside those that every flow has. */
  settings?: ReactNode;
}

/** What the editors of dataflows and workflows have in common: palette, drawing, test and settings, and the menu of a "+". */
export function FlowEditor<Place>(props: FlowEditorProps<Place>) {
  const { kind, component, id, title, specs, error, onRetry, mayRun, trying, onTry, onAdd, end, drawing, dock, panel, settings } = props;
  const mayWrite = useSession().can('components.write', component);
  const problems = useChecked(component)?.problems ?? noProblems;
  const [asking, setAsking] = useState<{ at: Place; anchor: HTMLElement }>();
  if (error !== undefined) return <ErrorNotice error={error} onRetry={onRetry} />;
  return (
    <>
      <EditorFrame
        kind={kind}
        name={title}
        problems={under(problems, `${kind}/${id}`).length}
        running={trying}
        onRun={mayRun ? () => onTry(!trying) : undefined}
        left={mayWrite && <Palette specs={specs ?? []} onPick={(spec) => onAdd(end, spec)} />}
        centre={
          <Suspense fallback={<RowsSkeleton />}>
            {specs &&
              drawing({
                title,
                problems,
                mayWrite,
                onAsk: (at, anchor) => setAsking({ at, anchor }),
                onAdd: (at, type) => {
                  const spec = specs.find((one) => one.type === type);
                  if (spec !== undefined) onAdd(at, spec);
                },
              })}
          </Suspense>
        }
        dock={trying && dock}
        right={panel ?? <PartPanel component={component} kind={kind} id={id} settings={settings} />}
      />
      <PaletteMenu
        anchor={asking?.anchor ?? null}
        specs={specs ?? []}
        onPick={(spec) => {
          setAsking(undefined);
          if (asking !== undefined) onAdd(asking.at, spec);
        }}
        onClose={() => setAsking(undefined)}
      />
    </>
  );
}
