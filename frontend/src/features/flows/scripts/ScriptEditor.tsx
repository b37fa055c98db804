import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
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
import { ErrorFields } from '../run/ErrorFields';
import { RunDock, Shown } from '../run/RunDock';
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
  const [run, { data, error, isLoading }] = api.useRunScriptMutation();
  const failure = isApiError(error) ? error : undefined;
  const name = script?.title || id;
  const write = (source: string) =>
    edit(changePart('scripts', id, (part) => void (part.source = source), { label: 'flows:do.source', values: { name }, mergeKey: `scripts/${id}/source` }));
  return (
    <EditorFrame
      kind="scripts"
      name={name}
      problems={problems.length}
      running={trying}
      onRun={session.can('scripts.run', component) ? () => setTrying((open) => !open) : undefined}
      centre={
        <Box sx={{ position: 'absolute', inset: 0, p: 1.5, display: 'flex', flexDirection: 'column', gap: 1 }}>
          <Box sx={{ flex: 1, minHeight: 0 }}>
            <Suspense fallback={<RowsSkeleton />}>
              <CodeEditor label={t('scripts.source', { name })} value={script?.source ?? ''} onChange={write} problems={problems} line={line} readOnly={!mayWrite} />
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
          <RunDock component={component} title={t('run.title')} busy={isLoading} onRun={(input) => void run({ component, script: id, body: { input } })} onClose={() => setTrying(false)}>
            <Result data={error === undefined ? data : undefined} error={failure} busy={isLoading} onGo={setLine} />
          </RunDock>
        )
      }
      right={<PartPanel component={component} kind="scripts" id={id} />}
    />
  );
}

interface ResultProps {
  data: RunScriptResponse | undefined;
  error: ApiError | undefined;
  busy: boolean;
  onGo: (line: { at: number }) => void;
}

function Result({ data, error, busy, onGo }: ResultProps) {
  const { t } = useTranslation('flows');
  const line = error === undefined ? 0 : lineOf([error.message, ...error.violations.map((one) => one.description)].join('\n'));
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
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          {t(busy ? 'run.busy' : 'run.hintScript')}
        </Typography>
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
