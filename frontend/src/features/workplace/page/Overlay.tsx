import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import Drawer from '@mui/material/Drawer';
import IconButton from '@mui/material/IconButton';
import useMediaQuery from '@mui/material/useMediaQuery';
import CloseIcon from '@mui/icons-material/Close';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/controls/action/ConfirmDialog';
import { PageView } from './PageView';
import type { Frame } from './perform';
import type { Target } from './target';

/** A page over another one. */
export interface OverPage {
  key: number;
  kind: 'modal' | 'sidebar';
  target: Target;
}

interface OverlayProps {
  over: OverPage;
  frame: Pick<Frame, 'go' | 'goHome' | 'over' | 'openFile'>;
  onClose: () => void;
}

/** Shows a page in a dialog or at the side, and asks before what was typed there is lost. */
export function Overlay({ over, frame, onClose }: OverlayProps) {
  const { t } = useTranslation('workplace');
  const narrow = useMediaQuery('(max-width: 599px)');
  const [title, setTitle] = useState('');
  const [asking, setAsking] = useState(false);
  const dirty = useRef(false);
  const onDirty = useCallback((now: boolean) => {
    dirty.current = now;
  }, []);
  const leave = () => (dirty.current ? setAsking(true) : onClose());
  const done = () => {
    onClose();
    return true;
  };
  const body = (
    <Box sx={{ position: 'relative', p: { xs: 2, sm: 3 }, minHeight: 120 }}>
      <IconButton aria-label={t('close')} onClick={leave} sx={{ position: 'absolute', right: 12, top: 12, zIndex: 1 }}>
        <CloseIcon fontSize="small" />
      </IconButton>
      <PageView target={over.target} frame={{ ...frame, back: onClose, done }} onDirty={onDirty} onTitle={setTitle} />
      <ConfirmDialog
        open={asking}
        title={t('leave.title')}
        text={t('leave.text')}
        label={t('leave.do')}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={onClose}
      />
    </Box>
  );
  if (over.kind === 'sidebar') {
    return (
      <Drawer open anchor="right" onClose={leave} slotProps={{ paper: { role: 'dialog', 'aria-modal': true, 'aria-label': title || t('page'), sx: { width: 480, maxWidth: '100%' } } }}>
        {body}
      </Drawer>
    );
  }
  return (
    <Dialog
      open
      onClose={leave}
      maxWidth={false}
      fullScreen={narrow}
      slotProps={{ paper: { 'aria-label': title || t('page'), 'aria-labelledby': undefined, sx: { minWidth: { sm: 492 }, maxWidth: { sm: 'min(960px, calc(100% - 64px))' } } } }}
    >
      {body}
    </Dialog>
  );
}
