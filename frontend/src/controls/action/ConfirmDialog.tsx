import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

interface ConfirmDialogProps {
  open: boolean;
  title: string;
  text?: string | undefined;
  /** Label of the button that goes on. */
  label: string;
  danger?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something is done that cannot be taken back. */
export function ConfirmDialog({ open, title, text, label, danger = false, onConfirm, onCancel }: ConfirmDialogProps) {
  const { t } = useTranslation('controls');
  const id = useId();
  return (
    <Dialog open={open} onClose={onCancel} maxWidth="xs" fullWidth aria-labelledby={id}>
      <DialogTitle id={id} sx={{ fontSize: '1rem', fontWeight: 600 }}>
        {title}
      </DialogTitle>
      {text !== undefined && text !== '' && (
        <DialogContent>
          <DialogContentText variant="body2">{text}</DialogContentText>
        </DialogContent>
      )}
      <DialogActions>
        <Button onClick={onCancel} autoFocus={danger}>
          {t('action.cancel')}
        </Button>
        <Button variant="contained" color={danger ? 'error' : 'primary'} onClick={onConfirm} autoFocus={!danger}>
          {label}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
