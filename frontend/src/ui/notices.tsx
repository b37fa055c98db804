import Alert from '@mui/material/Alert';
import Snackbar from '@mui/material/Snackbar';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

/** Notice is a short message that goes by itself; what must be acted on belongs on the page. */
export interface Notice {
  text: string;
  severity: 'success' | 'info' | 'warning' | 'error';
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
        <Snackbar key={shown.key} open={shown.open} autoHideDuration={6000} onClose={(_, why) => why !== 'clickaway' && close()}>
          <Alert severity={shown.notice.severity} variant="filled" onClose={close}>
            {shown.notice.text}
          </Alert>
        </Snackbar>
      )}
    </Context.Provider>
  );
}

/** Shows a notice at the edge of the screen. */
export function useNotify(): (notice: Notice) => void {
  return useContext(Context);
}
