import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nameFrom } from '@/draft';

interface AskNameProps {
  title: string;
  taken: readonly string[];
  onDone: (id: string, title: string) => void;
  onClose: () => void;
}

/** Asks what a new part is called; its name in paths is made of that. */
export function AskName({ title, taken, onDone, onClose }: AskNameProps) {
  const { t } = useTranslation('flows');
  const heading = useId();
  const [typed, setTyped] = useState('');
  const id = nameFrom(typed, taken);
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={heading}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === '') return;
          onDone(id, typed.trim());
          onClose();
        }}
      >
        <DialogTitle id={heading}>{title}</DialogTitle>
        <DialogContent>
          <TextField
            autoFocus
            label={t('field.title')}
            value={typed}
            margin="dense"
            onChange={(event) => setTyped(event.target.value)}
            helperText={typed.trim() === '' ? ' ' : t('field.becomes', { id })}
            slotProps={{ htmlInput: { maxLength: 200 } }}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose} color="inherit">
            {t('cancel')}
          </Button>
          <Button type="submit" variant="contained" disabled={typed.trim() === ''}>
            {t('create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
