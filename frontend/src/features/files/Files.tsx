import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import UploadIcon from '@mui/icons-material/UploadFileOutlined';
import FolderIcon from '@mui/icons-material/FolderOutlined';
import NewFolderIcon from '@mui/icons-material/CreateNewFolderOutlined';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, type File as StoredFile, type Folder } from '@/api';
import { useSession } from '@/api/session';
import { UploadRow } from '@/controls/file/rows';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { Pager } from '@/ui/Pager';
import { DeleteFile } from './DeleteFile';
import { FileTable } from './FileTable';
import { Folders, Path } from './Folders';
import { MoveFile, MoveFolder } from './MoveFile';
import { NewFolder } from './NewFolder';
import { Preview } from './Preview';
import { useUploads } from './useUploads';

const pageSize = 50;

/** The folders and files of the tenant, of one folder at a time. */
export function Component() {
  const [search] = useSearchParams();
  const folder = search.get('folder') ?? '';
  return <Contents key={folder} folder={folder} />;
}

function Contents({ folder }: { folder: string }) {
  const { t } = useTranslation('files');
  const mayWrite = useSession().can('files.write');
  const [pages, setPages] = useState<readonly string[]>(['']);
  const [shown, setShown] = useState<StoredFile>();
  const [removing, setRemoving] = useState<StoredFile>();
  const [moving, setMoving] = useState<StoredFile>();
  const [movingFolder, setMovingFolder] = useState<Folder>();
  const [making, setMaking] = useState(false);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { sending, send } = useUploads(folder);
  const { data, error, isLoading, refetch } = api.useListFilesQuery({ folder: folder || '/', pageSize, pageToken: pages.at(-1) ?? '' }, { refetchOnMountOrArgChange: true });
  const { data: inside, error: unlisted, refetch: listAgain } = api.useListFoldersQuery({ parent: folder }, { refetchOnMountOrArgChange: true });
  const files = data?.files ?? [];
  const folders = inside?.folders ?? [];
  const choose = (
    <Button variant="contained" startIcon={<UploadIcon />} onClick={() => input.current?.click()}>
      {t('upload')}
    </Button>
  );
  const actions = (
    <Box sx={{ display: 'flex', gap: 1 }}>
      <Button startIcon={<NewFolderIcon />} onClick={() => setMaking(true)}>
        {t('newFolder')}
      </Button>
      {choose}
    </Box>
  );
  const drag = (on: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(on && mayWrite);
  };
  const drop = (event: DragEvent) => {
    drag(false)(event);
    if (mayWrite) send([...event.dataTransfer.files]);
  };
  return (
    <PageFrame title={t('title')} text={t('text')} actions={mayWrite && actions}>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t('choose')}
        onChange={(event) => {
          send([...(event.target.files ?? [])]);
          event.target.value = ''; // so that the same file can be chosen again
        }}
      />
      <Box onDragOver={drag(true)} onDragLeave={drag(false)} onDrop={drop} sx={{ display: 'grid', gap: 1.5, minHeight: 240, alignContent: 'start' }}>
        {over && (
          <Box sx={{ border: 1, borderStyle: 'dashed', borderColor: 'primary.main', borderRadius: 1, p: 2, textAlign: 'center', color: 'text.secondary' }}>{t('drop')}</Box>
        )}
        {sending.map((one) =>
          one.refused === undefined ? (
            <Card key={one.key} sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 2, py: 1 }}>
              <UploadRow name={one.name} part={one.part} stop={one.stop} />
            </Card>
          ) : (
            <Alert key={one.key} severity="error" onClose={one.stop} slotProps={{ closeButton: { title: t('dismiss'), 'aria-label': t('dismiss') } }}>
              {t('refused', { name: one.name, why: one.refused })}
            </Alert>
          ),
        )}
        {folder !== '' && <Path folder={folder} />}
        <ErrorNotice error={error ?? unlisted} onRetry={() => (void refetch(), void listAgain())} />
        {isLoading && (
          <Card>
            <RowsSkeleton rows={6} />
          </Card>
        )}
        {folders.length > 0 && pages.length === 1 && <Folders folders={folders} onMove={mayWrite ? setMovingFolder : undefined} />}
        {data !== undefined && inside !== undefined && files.length + folders.length === 0 && pages.length === 1 && (
          <Card>
            <EmptyState icon={<FolderIcon />} title={t(folder === '' ? 'empty' : 'emptyFolder')} text={t(folder === '' ? 'emptyText' : 'emptyFolderText')} action={mayWrite && choose} />
          </Card>
        )}
        {files.length > 0 && <FileTable files={files} onShow={setShown} onMove={mayWrite ? setMoving : undefined} onRemove={mayWrite ? setRemoving : undefined} />}
        <Pager pages={pages} next={data?.nextPageToken} onGo={setPages} />
      </Box>
      {shown !== undefined && <Preview file={shown} onClose={() => setShown(undefined)} />}
      {moving !== undefined && <MoveFile file={moving} onClose={() => setMoving(undefined)} />}
      {movingFolder !== undefined && <MoveFolder folder={movingFolder} onClose={() => setMovingFolder(undefined)} />}
      {making && <NewFolder folder={folder} onClose={() => setMaking(false)} />}
      {removing !== undefined && <DeleteFile file={removing} onClose={() => setRemoving(undefined)} />}
    </PageFrame>
  );
}
