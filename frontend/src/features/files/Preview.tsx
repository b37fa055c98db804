import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { File as StoredFile } from '@/api';
import { fileAddress } from '@/controls/input/upload';

/** Shows an image as large as the window lets it be. */
export function Preview({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const { t } = useTranslation('files');
  const id = useId();
  const [broken, setBroken] = useState(false);
  const name = file.name || t('unnamed');
  const address = fileAddress(file.id ?? '');
  return (
    <Dialog open onClose={onClose} maxWidth="lg" aria-labelledby={id}>
      <DialogTitle id={id} sx={{ overflowWrap: 'anywhere' }}>
        {name}
      </DialogTitle>
      <DialogContent sx={{ display: 'grid', placeItems: 'center', minWidth: { sm: 320 }, minHeight: 160 }}>
        {broken ? (
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            {t('broken')}
          </Typography>
        ) : (
          <Box component="img" src={address} alt={name} onError={() => setBroken(true)} sx={{ maxWidth: 1, maxHeight: '70vh', objectFit: 'contain' }} />
        )}
      </DialogContent>
      <DialogActions>
        <Button component="a" href={address} download={name}>
          {t('download')}
        </Button>
        <Button variant="contained" onClick={onClose}>
          {t('close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
