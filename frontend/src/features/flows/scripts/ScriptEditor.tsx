import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, type ApiError, isApiError, type Problem, type RunScriptResponse } from '@/api';
import { useSession } from '@/api/session';
import { changePart, findPart, useChecked, useComponentId, useDraftSelector, useEdit } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { under } from '../fields/scope';
import { EditorFrame } from '../parts/EditorFrame';
import { GonePart } from '../parts/GonePart';
import { PartPanel } from '../parts/PartPanel';
import type { Json } from '@/values/json';
import { ErrorFields } from '../run/ErrorFields';
import { Hint, RunDock, Shown, type Start } from '../run/RunDock';
import { Unsaved } from '../run/Unsaved';
import { useSample } from '../run/useSample';
import { useWhenSaved } from '../run/useWhenSaved';
import { lineOf } from './lines';

const CodeEditor = lazy(() => import('../fields/CodeEditor').then((module) => ({ default: module.CodeEditor })));

const noProblems: readonly Problem[] = [];

/** The editor of one script. */
export function Component() {
  const { part = '' } = useParams();
  const component = useComponentId();
  const there = useDraftSelector(component, (doc) => findPart(doc, 'scripts', part) !== undefined);
  return there ? <Editor key={part} component={component} id={part} /> : <GonePart kind="scripts" />;
}

function Editor({ component, id }: { component: string; id: string }) {
  const { t } = useTranslation('flows');
  const script = useDraftSelector(component, (doc) => findPart(doc, 'scripts', id));
  const edit = useEdit(component);
  const session = useSession();
  const mayWrite = session.can('components.write', component);
  const checked = useChecked(component)?.problems ?? noProblems;
  const problems = useMemo(() => under(checked, `scripts/${id}`), [checked, id]);
  const [trying, setTrying] = useState(false);
  const [line, setLine] = useState<{ at: number }>();
  const [test, tested] = api.useTestScriptMutation({ fixedCacheKey: `test/${component}/scripts/${id}` });
  const [run, ran] = api.useRunScriptMutation();
  const [isLive, setLive] = useState(false);
  const [ranSource, setRanSource] = useState<string>();
  const { whenSaved, waiting, unsaved } = useWhenSaved(component);
  const [sample, setSample] = useSample(component, `scripts/${id}`);
  const { data: header } = api.useGetComponentQuery({ component });
  const { data, error, isLoading } = isLive ? ran : tested;
  const failure = isApiError(error) ? error : undefined;
  const failedAt = failure === undefined || isLive || script?.source !== ranSource ? 0 : lineIn(failure);
  const marked = useMemo(() => (failedAt === 0 ? problems : [...problems, { line: failedAt }]), [problems, failedAt]);
  const name = script?.title || id;
  const write = (source: string) =>
    edit(changePart('scripts', id, (part) => void (part.source = source), { label: 'flows:do.source', values: { name }, mergeKey: `scripts/${id}/source` }));
  const start = (isLive: boolean, input: Json) => {
    setLive(isLive);
    setRanSource(script?.source);
    void (isLive ? run : test)({ component, script: id, body: { input } });
  };
  const mayRun = session.can('scripts.run', component) && (header?.publishedRevision ?? '0') !== '0';
  const main = !mayWrite ? undefined : { words: t('run.test'), onRun: ({ input }: Start) => void whenSaved(() => start(false, input)) };
  const live = !mayRun ? undefined : { words: t('run.runLive'), hint: t('run.live'), onRun: ({ input }: Start) => start(true, input) };
  return (
    <EditorFrame
      kind="scripts"
      name={name}
      problems={problems.length}
      running={trying}
      onRun={mayWrite || session.can('scripts.run', component) ? () => setTrying((open) => !open) : undefined}
      centre={
        <Box sx={{ position: 'absolute', inset: 0, p: 1.5, display: 'flex', flexDirection: 'column', gap: 1 }}>
          <Box sx={{ flex: 1, minHeight: 0 }}>
            <Suspense fallback={<RowsSkeleton />}>
              <CodeEditor label={t('scripts.source', { name })} value={script?.source ?? ''} onChange={write} problems={marked} line={line} readOnly={!mayWrite} />
            </Suspense>
          </Box>
          {problems.map((problem, i) => (
            <Alert
              key={i}
              severity={problem.severity === 'SEVERITY_WARNING' ? 'warning' : 'error'}
              sx={{ py: 0, flexShrink: 0 }}
              action={(problem.line ?? 0) > 0 && <ToLine line={problem.line ?? 0} onGo={setLine} />}
            >
              {problem.message}
            </Alert>
          ))}
        </Box>
      }
      dock={
        trying && (
          <RunDock
            title={t('run.title')}
            note={t(main === undefined ? 'run.live' : 'run.draftScript')}
            busy={waiting || isLoading}
            sample={sample}
            onSample={setSample}
            main={main ?? live}
            other={main && live}
            onClose={() => setTrying(false)}
          >
            <Unsaved saving={unsaved} />
            <Result data={error === undefined ? data : undefined} error={failure} busy={waiting || isLoading} onGo={setLine} />
          </RunDock>
        )
      }
      right={<PartPanel component={component} kind="scripts" id={id} />}
    />
  );
}

/** The line of the source that a failure names; 0 when it names none. */
function lineIn(error: ApiError): number {
  return lineOf([error.message, ...error.violations.map((one) => one.description)].join('\n'));
}

interface ResultProps {
  data: RunScriptResponse | undefined;
  error: ApiError | undefined;
  busy: boolean;
  onGo: (line: { at: number }) => void;
}

function Result({ data, error, busy, onGo }: ResultProps) {
  const { t } = useTranslation('flows');
  const line = error === undefined ? 0 : lineIn(error);
  const logs = data?.logs ?? [];
  return (
    <>
      <ErrorNotice error={error} />
      <ErrorFields error={error} />
      {line > 0 && (
        <Box>
          <ToLine line={line} onGo={onGo} />
        </Box>
      )}
      {data && <Shown title={t('run.output')} value={data.output} />}
      {logs.length > 0 && <Shown title={t('run.logs')} value={logs.map((log) => `${log.level ?? ''}: ${log.text ?? ''}`).join('\n')} />}
      {data === undefined && error === undefined && (
        <Hint words={t(busy ? 'run.busy' : 'run.hintScript')} />
      )}
    </>
  );
}

function ToLine({ line, onGo }: { line: number; onGo: (line: { at: number }) => void }) {
  const { t } = useTranslation('flows');
  return (
    <Button color="inherit" onClick={() => onGo({ at: line })}>
      {t('scripts.toLine', { line })}
    </Button>
  );
}
