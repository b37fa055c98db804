import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useBlocker, useNavigate } from 'react-router';
import { ConfirmDialog } from '@/controls/action/ConfirmDialog';
import { Overlay, type OverPage } from './Overlay';
import { PageView } from './PageView';
import type { Frame } from './perform';
import { pathOf, stateOf, type Target } from './target';

interface PageStageProps {
  target: Target;
  /** Goes back to where the page was opened. */
  leave: () => void;
  onDirty?: (dirty: boolean) => void;
  onTitle?: (title: string) => void;
  paper?: boolean;
  closed?: ReactNode;
}

/** A page in the window, with those that it opens over itself. */
export function PageStage({ target, leave, onDirty, onTitle, paper, closed }: PageStageProps) {
  const navigate = useNavigate();
  const guarded = useGuard(onDirty);
  const [overs, setOvers] = useState<readonly OverPage[]>([]);
  const frame = useMemo(
    (): Omit<Frame, 'renew'> => ({
      go: (next) => {
        setOvers([]);
        void navigate(pathOf(next), { state: stateOf(next) });
      },
      goHome: (next) => {
        setOvers([]);
        void navigate(`/work/${encodeURIComponent(next)}`);
      },
      over: (next, kind) => setOvers((before) => [...before, { key: (before.at(-1)?.key ?? 0) + 1, kind, target: next }]),
      // The answer is a download: it opens nothing.
      openFile: (file) => window.location.assign(`/v1/files/${encodeURIComponent(file)}:download`),
      back: leave,
      done: () => {
        if (target.returns) leave();
        return target.returns;
      },
    }),
    [navigate, leave, target.returns],
  );
  return (
    <>
      <PageView target={target} frame={frame} onDirty={guarded.onDirty} {...(onTitle && { onTitle })} paper={paper === true} closed={closed} />
      {overs.map((over) => (
        <Overlay key={over.key} over={over} frame={frame} onClose={() => setOvers((before) => before.filter((one) => one !== over))} />
      ))}
      {guarded.guard}
    </>
  );
}

/** Asks before what was typed is lost by going elsewhere. */
function useGuard(tell?: (dirty: boolean) => void) {
  const { t } = useTranslation('workplace');
  const dirty = useRef(false);
  const [isDirty, setDirty] = useState(false);
  const onDirty = useCallback((now: boolean) => {
    dirty.current = now;
    setDirty(now);
    tell?.(now);
  }, [tell]);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => dirty.current && (currentLocation.pathname !== nextLocation.pathname || currentLocation.search !== nextLocation.search),
  );
  useEffect(() => {
    if (!isDirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isDirty]);
  const guard = (
    <ConfirmDialog
      open={blocker.state === 'blocked'}
      title={t('leave.title')}
      text={t('leave.text')}
      label={t('leave.do')}
      danger
      onCancel={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
    />
  );
  return { onDirty, guard };
}

