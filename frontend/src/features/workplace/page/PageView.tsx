import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { skipToken } from '@reduxjs/toolkit/query';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { api, type ApiError, type Entry, isApiError, type PublishedComponent, type PublishedPage } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { useSession } from '@/api/session';
import { useProblemText } from '@/controls/input/useProblemText';
import { allControls } from '@/controls/registry';
import { DocumentError } from '@/renderer/document';
import { userValue } from '@/renderer/evaluator';
import type { Host } from '@/renderer/host';
import { type Place, PlaceContext } from '@/renderer/place';
import { Renderer } from '@/renderer/Renderer';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useNotify } from '@/ui/notices';
import { MismatchError } from '@/values/wire';
import { FetchedEntries } from './entries';
import { Held } from './Held';
import { type Frame, perform, type Words } from './perform';
import { PageSession } from './session';
import type { Target } from './target';

interface PageViewProps {
  target: Target;
  frame: Omit<Frame, 'renew'>;
  /** Hears whether something would be lost if the page went. */
  onDirty: (dirty: boolean) => void;
  onTitle?: (title: string) => void;
  /** Draws a form on paper of its own; a page over another one has its paper already. */
  paper?: boolean;
  /** Stands where the user may not open the page, or not what it is about; why not, if it is left out. */
  closed?: ReactNode;
}

/** A live page with what it is about. */
export function PageView({ target, frame, onDirty, onTitle, paper = false, closed }: PageViewProps) {
  const { t } = useTranslation('workplace');
  const { component, page, entry } = target;
  const published = api.useListPublishedComponentsQuery();
  const definition = api.useGetPublishedPageQuery({ component, page });
  const about = api.useGetEntryQuery(entry === undefined ? skipToken : { component, entry }, { refetchOnMountOrArgChange: true });
  const [generation, setGeneration] = useState(0);
  const title = definition.currentData?.page?.title ?? '';
  useEffect(() => onTitle?.(title), [onTitle, title]);
  const { refetch } = about;
  const renew = useCallback(() => {
    void (entry === undefined ? Promise.resolve() : refetch()).then(() => setGeneration((before) => before + 1));
  }, [entry, refetch]);

  // A form begins with the entry as it is now, not as it was when it was last read.
  const [fresh, setFresh] = useState(entry === undefined);
  useEffect(() => {
    if (about.isSuccess && !about.isFetching) setFresh(true);
  }, [about.isSuccess, about.isFetching]);

  const live = definition.currentData;
  const components = published.data?.components;
  if (live === undefined || components === undefined || (entry !== undefined && (about.currentData === undefined || !fresh))) {
    const missing = [definition, published, about].filter((query) => query.isError);
    if (missing.length === 0) return <PageSkeleton />;
    if (closed !== undefined && missing.every(({ error }) => isApiError(error) && [403, 404].includes(error.status))) return closed;
    return (
      <>
        <Typography variant="h1" sx={{ mb: 2 }}>
          {t('cannotOpen')}
        </Typography>
        <ErrorNotice error={missing[0]?.error} onRetry={() => missing.forEach((query) => void query.refetch())} />
      </>
    );
  }
  return (
    <LivePage
      // What is typed stays when the page or its entry is read again; only another page, or an own success, begins anew.
      key={`${component} ${page} ${entry ?? ''} ${generation}`}
      target={target}
      page={live}
      published={components}
      entry={entry === undefined ? undefined : about.currentData}
      frame={{ ...frame, renew }}
      onDirty={onDirty}
      paper={paper}
    />
  );
}

interface LivePageProps extends Pick<PageViewProps, 'target' | 'onDirty'> {
  paper: boolean;
  page: PublishedPage;
  published: readonly PublishedComponent[];
  entry: Entry | undefined;
  frame: Frame;
}

function LivePage({ target, page, published, entry, frame, onDirty, paper }: LivePageProps) {
  const { t } = useTranslation('workplace');
  const dispatch = useDispatch<Dispatch>();
  const { user } = useSession();
  const box = useRef<HTMLDivElement>(null);
  const words = useWords();
  const [opened] = useState(() => {
    const objects = published.map((one) => ({ id: one.id ?? '', fields: one.model?.fields ?? [] }));
    const entries = new FetchedEntries(dispatch, new Map(objects.map((one) => [one.id, one.fields])));
    const { component, params } = target;
    try {
      return new PageSession({ component, page, entry, params, objects, user: userValue(user ?? {}), entries });
    } catch (error) {
      if (error instanceof DocumentError || error instanceof MismatchError) return error;
      throw error;
    }
  });
  // The host is the same for as long as the page is open, so that no control is drawn again for its sake.
  const latest = useRef({ frame, words });
  useEffect(() => {
    latest.current = { frame, words };
  });
  const host = useMemo<Host | undefined>(() => {
    if (opened instanceof Error) return undefined;
    return {
      mode: 'run',
      form: opened.form,
      evaluator: opened.evaluator,
      dispatch: (action, node, record) =>
        perform(
          {
            component: target.component, entry: target.entry, session: opened, controls: allControls, dispatch, ...latest.current,
            showErrors: () => requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()),
          },
          action,
          node,
          record,
        ),
    };
  }, [opened, target.component, target.entry, dispatch]);
  useEffect(() => {
    if (opened instanceof Error) return undefined;
    const tell = () => onDirty(opened.form.isDirty());
    const end = opened.form.watch(tell);
    return () => {
      end();
      onDirty(false);
    };
  }, [opened, onDirty]);
  const place = useMemo<Place>(
    () => ({ component: target.component, entry: target.entry, ...(!(opened instanceof Error) && { rows: opened.evaluator }) }),
    [target.component, target.entry, opened],
  );

  if (opened instanceof Error || host === undefined) return <Alert severity="error">{t('broken', { why: opened instanceof Error ? opened.message : '' })}</Alert>;
  // A page that is made to stand over another one has no heading of its own for the window, nor has one without a title.
  const root = opened.document.nodes[opened.document.root];
  const untitled = (root?.props.title ?? '') === '';
  const headless = paper && (root?.type !== 'page' || untitled);
  const wide = Object.values(opened.document.nodes).some((node) => node.type === 'data-grid');
  return (
    <Box
      ref={box}
      sx={paper && !wide ? { maxWidth: 880, bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: 1.5, p: { xs: 2, sm: 3 } } : undefined}
    >
      {target.entry !== undefined && <Held component={target.component} entry={target.entry} />}
      {headless && (
        <Box component="h1" sx={{ position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' }}>
          {page.page?.title || page.page?.id}
        </Box>
      )}
      {!paper && untitled && (
        <Typography variant="h2" sx={{ mb: 2, pr: 4 }}>
          {page.page?.title || page.page?.id}
        </Typography>
      )}
      <PlaceContext.Provider value={place}>
        <Renderer store={opened.store} host={host} controls={allControls} />
      </PlaceContext.Provider>
    </Box>
  );
}

function useWords(): Words {
  const { t, i18n } = useTranslation(['workplace', 'ui']);
  const notify = useNotify();
  const textOf = useProblemText();
  return useMemo(
    () => ({
      problem: (problem) => textOf(problem, i18n.language),
      tell: (severity, text) => notify({ severity, text }),
      done: t('done'),
      started: t('started'),
      checkFields: t('checkFields'),
      refused: (count) => t('refused', { count }),
      unknownCommand: (what) => t('unknownCommand', { what }),
      error: (error) => errorText(error, t('ui:error.offline'), t('ui:error.internal')),
    }),
    [t, i18n.language, notify, textOf],
  );
}

/** Where in a dataflow it happened means nothing to whoever uses the app. */
function errorText({ reason, message, violations }: ApiError, offline: string, internal: string): string {
  if (reason === 'OFFLINE') return offline;
  const own = message.replace(/^step "[^"]*" \([a-z-]+\): /, '');
  const more = violations.map((one) => one.description).filter((text) => !own.includes(text));
  return own === '' ? internal : [own, ...more].join(' · ');
}

function PageSkeleton() {
  return (
    <Box aria-hidden sx={{ display: 'grid', gap: 2 }}>
      <Skeleton variant="rounded" width={220} height={28} />
      {[0, 1, 2].map((i) => (
        <Skeleton key={i} variant="rounded" height={38} />
      ))}
    </Box>
  );
}
