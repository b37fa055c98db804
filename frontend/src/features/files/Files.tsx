import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import UploadIcon from '@mui/icons-material/UploadFileOutlined';
import FolderIcon from '@mui/icons-material/FolderOutlined';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type File as StoredFile } from '@/api';
import { useSession } from '@/api/session';
import { UploadRow } from '@/controls/file/rows';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame, RowsSkeleton } from '@/ui/PageFrame';
import { Pager } from '@/ui/Pager';
import { DeleteFile } from './DeleteFile';
import { FileTable } from './FileTable';
import { Preview } from './Preview';
import { useUploads } from './useUploads';

const pageSize = 50;

/** Every file of the tenant, newest first. */
export function Component() {
  const { t } = useTranslation('files');
  const mayWrite = useSession().can('files.write');
  const [pages, setPages] = useState<readonly string[]>(['']);
  const [shown, setShown] = useState<StoredFile>();
  const [removing, setRemoving] = useState<StoredFile>();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { sending, send } = useUploads();
  const { data, error, isLoading, refetch } = api.useListFilesQuery({ pageSize, pageToken: pages.at(-1) ?? '' }, { refetchOnMountOrArgChange: true });
  const files = data?.files ?? [];
  const choose = (
    <Button variant="contained" startIcon={<UploadIcon />} onClick={() => input.current?.click()}>
      {t('upload')}
    </Button>
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
    <PageFrame title={t('title')} text={t('text')} actions={mayWrite && choose}>
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
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {isLoading && (
          <Card>
            <RowsSkeleton rows={6} />
          </Card>
        )}
        {data !== undefined && files.length === 0 && pages.length === 1 && (
          <Card>
            <EmptyState icon={<FolderIcon />} title={t('empty')} text={t('emptyText')} action={mayWrite && choose} />
          </Card>
        )}
        {files.length > 0 && <FileTable files={files} onShow={setShown} onRemove={mayWrite ? setRemoving : undefined} />}
        <Pager pages={pages} next={data?.nextPageToken} onGo={setPages} />
      </Box>
      {shown !== undefined && <Preview file={shown} onClose={() => setShown(undefined)} />}
      {removing !== undefined && <DeleteFile file={removing} onClose={() => setRemoving(undefined)} />}
    </PageFrame>
  );
}
