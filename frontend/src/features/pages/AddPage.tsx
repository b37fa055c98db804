import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import TextField from '@mui/material/TextField';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Component } from '@/api';
import { useEdit } from '@/draft';
import { addPage, newPage } from './document/pages';
import { rootTypes } from './editor';

/** Asks for the title of a new page and opens it. */
export function AddPage({ component, onClose }: { component: Component; onClose: () => void }) {
  const { t } = useTranslation('pages');
  const heading = useId();
  const navigate = useNavigate();
  const edit = useEdit(component.id ?? '');
  const [title, setTitle] = useState('');
  const [root, setRoot] = useState('page');
  const page = newPage(component, title.trim(), root);
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === '') return;
    edit(addPage(page));
    void navigate(`/studio/${component.id}/pages/${page.id}`);
  };
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={heading}>
      <form onSubmit={add}>
        <DialogTitle id={heading}>{t('list.add')}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 1.5 }}>
          <TextField
            autoFocus
            label={t('list.pageTitle')}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            helperText={title.trim() === '' ? undefined : t('list.id', { id: page.id })}
            sx={{ mt: 1 }}
            slotProps={{ htmlInput: { maxLength: 200 } }}
          />
          <RadioGroup value={root} onChange={(_, next) => setRoot(next)} aria-label={t('list.kind')}>
            {rootTypes.map((type) => (
              <FormControlLabel
                key={type}
                value={type}
                control={<Radio size="small" />}
                label={t(type === 'modal' ? 'list.kindModal' : 'list.kindPage')}
                slotProps={{ typography: { variant: 'body2' } }}
              />
            ))}
          </RadioGroup>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" variant="contained" disabled={title.trim() === ''}>
            {t('list.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
