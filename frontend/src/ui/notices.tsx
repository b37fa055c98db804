import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Portal from '@mui/material/Portal';
import Snackbar from '@mui/material/Snackbar';
import Stack from '@mui/material/Stack';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

/** Notice is a short message that goes by itself; what must be acted on belongs on the page. */
export interface Notice {
  text: string;
  severity: 'success' | 'info' | 'warning' | 'error';
  /** What the notice offers to do; it stays longer then. */
  action?: { label: string; run: () => void };
}

const Context = createContext<(notice: Notice) => void>(() => {
  throw new Error('useNotify outside of a NoticesProvider');
});

interface Shown {
  notice: Notice;
  key: number;
  open: boolean;
}

/** How many stand above each other; the oldest makes room. */
const most = 3;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const count = useRef(0);
  // What one's own action says stays while something else is told.
  const notify = useCallback((notice: Notice) => {
    const key = ++count.current;
    setShown((before) => [...before.filter((one) => one.notice.text !== notice.text).slice(1 - most), { notice, key, open: true }]); // the same again is told once
  }, []);
  const close = (key: number) => setShown((before) => before.map((one) => (one.key === key ? { ...one, open: false } : one)));
  const forget = (key: number) => setShown((before) => before.filter((one) => one.key !== key));
  return (
    <Context.Provider value={notify}>
      {children}
      {shown.length > 0 && (
        // Outside of the page, which is hidden from assistive technology while a dialog stands over it.
        <Portal>
          <Stack spacing={1} sx={{ position: 'fixed', bottom: 24, right: { xs: 8, sm: 24 }, left: { xs: 8, sm: 'auto' }, zIndex: 'snackbar', alignItems: 'flex-end', pointerEvents: 'none' }}>
            {shown.map(({ notice, key, open }) => (
              <Snackbar
                key={key}
                open={open}
                autoHideDuration={notice.action === undefined ? 6000 : 20_000}
                onClose={(_, why) => why !== 'clickaway' && close(key)}
                slotProps={{ transition: { onExited: () => forget(key) } }}
                sx={{ position: 'static', transform: 'none', pointerEvents: 'auto' }}
              >
                <Alert severity={notice.severity} variant="filled" onClose={() => close(key)}>
                  {notice.text}
                  {notice.action && (
                    <Button size="small" color="inherit" sx={{ ml: 1, py: 0, fontWeight: 700, textDecoration: 'underline' }} onClick={() => (close(key), notice.action?.run())}>
                      {notice.action.label}
                    </Button>
                  )}
                </Alert>
              </Snackbar>
            ))}
          </Stack>
        </Portal>
      )}
    </Context.Provider>
  );
}

/** Shows a notice at the edge of the screen. */
export function useNotify(): (notice: Notice) => void {
  return useContext(Context);
}
