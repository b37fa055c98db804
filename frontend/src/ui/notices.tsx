import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Portal from '@mui/material/Portal';
import Snackbar from '@mui/material/Snackbar';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

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

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ notice: Notice; key: number; open: boolean }>();
  const notify = useCallback((notice: Notice) => setShown((before) => ({ notice, key: (before?.key ?? 0) + 1, open: true })), []);
  const close = () => setShown((before) => before && { ...before, open: false });
  return (
    <Context.Provider value={notify}>
      {children}
      {shown && (
        // Outside of the page, which is hidden from assistive technology while a dialog stands over it.
        <Portal key={shown.key}>
          <Snackbar anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} open={shown.open} autoHideDuration={shown.notice.action === undefined ? 6000 : 20_000} onClose={(_, why) => why !== 'clickaway' && close()}>
            <Alert severity={shown.notice.severity} variant="filled" onClose={close}>
              {shown.notice.text}
              {shown.notice.action && (
                <Button size="small" color="inherit" sx={{ ml: 1, py: 0, fontWeight: 700, textDecoration: 'underline' }} onClick={() => (close(), shown.notice.action?.run())}>
                  {shown.notice.action.label}
                </Button>
              )}
            </Alert>
          </Snackbar>
        </Portal>
      )}
    </Context.Provider>
  );
}

/** Shows a notice at the edge of the screen. */
export function useNotify(): (notice: Notice) => void {
  return useContext(Context);
}
