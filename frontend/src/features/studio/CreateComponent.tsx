import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, isApiError, violationOf } from '@/api';
import { nameFrom } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';

interface CreateComponentProps {
  /** Ids that there are. */
  taken: readonly string[];
  onClose: () => void;
}

const idPattern = /^[a-z][a-z0-9_]{0,39}$/;

/** Asks for the name of a new component and makes its id from it, which can be changed until the component is there. */
export function CreateComponent({ taken, onClose }: CreateComponentProps) {
  const { t } = useTranslation('studio');
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [ownId, setOwnId] = useState<string>();
  const [description, setDescription] = useState('');
  const [tried, setTried] = useState(false);
  const [create, { error, isLoading }] = api.useCreateComponentMutation();
  const id = ownId ?? (title.trim() === '' ? '' : nameFrom(title, taken, 'component'));
  const titleError = title.trim() === '' ? t('create.titleNeeded') : violationOf(error, 'displayName');
  const idError = idProblem() ?? violationOf(error, 'id');

  function idProblem(): string | undefined {
    if (id !== '' && taken.includes(id)) return t('create.idTaken');
    if (idPattern.test(id)) return undefined;
    return id === '' && ownId === undefined ? undefined : t('create.idForm');
  }

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (title.trim() === '' || idProblem() !== undefined) return;
    const result = await create({ component: { id, displayName: title.trim(), description: description.trim() } });
    if (result.data !== undefined) await navigate(`/studio/${result.data.id ?? id}/model`);
  };
  const shownOnField = isApiError(error) && error.violations.some((v) => ['id', 'displayName', 'display_name'].includes(v.field));
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="create-component">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <DialogTitle id="create-component">{t('create.title')}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, pt: '8px !important' }}>
          {!shownOnField && <ErrorNotice error={error} />}
          <TextField
            autoFocus
            required
            label={t('create.name')}
            value={title}
            onChange={(e) => setTitle(e.target.value)}
            error={tried && titleError !== undefined}
            helperText={tried && titleError}
            slotProps={{ htmlInput: { maxLength: 200 } }}
          />
          <TextField
            required
            label={t('create.id')}
            value={id}
            onChange={(e) => setOwnId(e.target.value === '' ? undefined : e.target.value)}
            error={idError !== undefined}
            helperText={idError ?? t('create.idHelp')}
            slotProps={{ htmlInput: { maxLength: 40, spellCheck: false, autoCapitalize: 'none', style: { fontFamily: 'var(--aqtra-mono)' } } }}
          />
          <TextField label={t('create.description')} value={description} onChange={(e) => setDescription(e.target.value)} multiline minRows={2} slotProps={{ htmlInput: { maxLength: 10_000 } }} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" variant="contained" loading={isLoading}>
            {t('create.do')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
