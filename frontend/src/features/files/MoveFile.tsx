import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type File as StoredFile, type Folder } from '@/api';
import { FormDialog } from '@/ui/FormDialog';
import { useNotify } from '@/ui/notices';
import { nameOf, tidy, within } from './folder';

/** Asks for the new name and folder of a file. */
export function MoveFile({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const [update, { error, isLoading }] = api.useUpdateFileMutation();
  const move = (name: string, folder: string) => update({ file: file.id ?? '', body: { name, folder } });
  return <Move name={file.name ?? ''} folder={file.folder ?? ''} error={error} busy={isLoading} move={move} onClose={onClose} />;
}

/** Asks for the new name and place of a folder. */
export function MoveFolder({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const path = folder.path ?? '';
  const name = nameOf(path);
  const [update, { error, isLoading }] = api.useMoveFolderMutation();
  const move = (to: string, parent: string) => update({ body: { from: path, to: within(parent, tidy(to)) } });
  return <Move name={name} folder={path.slice(0, -name.length - 1)} error={error} busy={isLoading} move={move} onClose={onClose} />;
}

interface MoveProps {
  name: string;
  folder: string;
  error: unknown;
  busy: boolean;
  move: (name: string, folder: string) => PromiseLike<{ error?: unknown }>;
  onClose: () => void;
}

function Move({ name, folder, error, busy, move, onClose }: MoveProps) {
  const { t } = useTranslation('files');
  const notify = useNotify();
  const [to, setTo] = useState({ name, folder });
  const submit = async () => {
    const next = { name: to.name.trim(), folder: tidy(to.folder) };
    if (next.name !== name || next.folder !== folder) {
      const result = await move(next.name, next.folder);
      if (result.error !== undefined) return;
      notify({ severity: 'success', text: t('moved', { name: next.name }) });
    }
    onClose();
  };
  return (
    <FormDialog title={t('moveTitle', { name })} action={t('moveDo')} busy={busy} error={error} onClose={onClose} onSubmit={() => void submit()}>
      <TextField label={t('name')} value={to.name} onChange={(event) => setTo({ ...to, name: event.target.value })} autoFocus />
      <TextField label={t('folder')} value={to.folder} onChange={(event) => setTo({ ...to, folder: event.target.value })} helperText={t('folderHelp')} />
    </FormDialog>
  );
}
