import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Tooltip from '@mui/material/Tooltip';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import MoveIcon from '@mui/icons-material/DriveFileMoveOutlined';
import DownloadIcon from '@mui/icons-material/FileDownloadOutlined';
import FileIcon from '@mui/icons-material/InsertDriveFileOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { File as StoredFile } from '@/api';
import { writeBytes } from '@/controls/input/bytes';
import { fileAddress, thumbnailAddress } from '@/controls/input/upload';
import { useTimes } from '@/ui/times';
import { Creator } from './Creator';
import { isImage, isSmall, typeOf } from './kinds';

interface FileTableProps {
  files: readonly StoredFile[];
  /** Shows an image large. */
  onShow: (file: StoredFile) => void;
  /** Absent for those who may change nothing. */
  onMove: ((file: StoredFile) => void) | undefined;
  onRemove: ((file: StoredFile) => void) | undefined;
}

const wide = { display: { xs: 'none', md: 'table-cell' } } as const;

export function FileTable({ files, onShow, onMove, onRemove }: FileTableProps) {
  const { t } = useTranslation('files');
  return (
    <TableContainer component={Card}>
      <Table aria-label={t('title')}>
        <TableHead>
          <TableRow>
            <TableCell>{t('column.name')}</TableCell>
            <TableCell sx={wide}>{t('column.type')}</TableCell>
            <TableCell align="right" sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
              {t('column.size')}
            </TableCell>
            <TableCell sx={wide}>{t('column.who')}</TableCell>
            <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('column.when')}</TableCell>
            <TableCell>{t('column.actions')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {files.map((file) => (
            <Row key={file.id} file={file} onShow={onShow} onMove={onMove} onRemove={onRemove} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function Row({ file, onShow, onMove, onRemove }: { file: StoredFile } & Pick<FileTableProps, 'onShow' | 'onMove' | 'onRemove'>) {
  const { t, i18n } = useTranslation('files');
  const time = useTimes();
  const name = file.name || t('unnamed');
  const address = fileAddress(file.id ?? '');
  const size = writeBytes(Number(file.size ?? 0), i18n.language);
  return (
    <TableRow hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
      <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere' }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25 }}>
          <Thumbnail file={file} />
          <Box sx={{ minWidth: 0 }}>
            {isImage(file) ? (
              <Link component="button" type="button" variant="body2" onClick={() => onShow(file)} aria-label={t('preview', { name })} sx={{ textAlign: 'left' }}>
                {name}
              </Link>
            ) : (
              <Link href={address} download={name} variant="body2" color="text.primary">
                {name}
              </Link>
            )}
            <Box sx={{ display: { sm: 'none' }, color: 'text.secondary', fontSize: '0.75rem', fontWeight: 400 }}>
              {size} · {time(file.createTime)}
            </Box>
          </Box>
        </Box>
      </TableCell>
      <TableCell sx={{ ...wide, color: 'text.secondary' }}>{typeOf(file)}</TableCell>
      <TableCell align="right" sx={{ display: { xs: 'none', sm: 'table-cell' }, whiteSpace: 'nowrap' }}>
        {size}
      </TableCell>
      <TableCell sx={wide}>
        <Creator subject={file.creatorSubject ?? ''} />
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' }, whiteSpace: 'nowrap', color: 'text.secondary' }}>{time(file.createTime)}</TableCell>
      <TableCell sx={{ whiteSpace: 'nowrap', width: 0, py: 0.5 }}>
        <Tooltip title={t('download')}>
          <IconButton component="a" href={address} download={name} aria-label={t('downloadThis', { name })}>
            <DownloadIcon fontSize="small" />
          </IconButton>
        </Tooltip>
        {onMove !== undefined && (
          <Tooltip title={t('move')}>
            <IconButton aria-label={t('moveThis', { name })} onClick={() => onMove(file)}>
              <MoveIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        )}
        {onRemove !== undefined && (
          <Tooltip title={t('delete')}>
            <IconButton aria-label={t('deleteThis', { name })} onClick={() => onRemove(file)}>
              <DeleteIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        )}
      </TableCell>
    </TableRow>
  );
}

/** Where a small picture of a file is: one that the server makes, or the image itself when it is of another kind and not large. */
function thumbnailOf(file: StoredFile): string | undefined {
  const id = file.id ?? '';
  if (/^image\/(png|jpe?g|gif|webp)(;|$)/i.test(file.contentType ?? '')) return thumbnailAddress(id);
  return isImage(file) && isSmall(file) ? fileAddress(id) : undefined;
}

/** A small picture of an image, else a sign; the name beside it says what it is. */
function Thumbnail({ file }: { file: StoredFile }) {
  const box = { width: 32, height: 32, flexShrink: 0, display: 'grid', placeItems: 'center', borderRadius: 0.5, bgcolor: 'action.hover', color: 'text.secondary', overflow: 'hidden' };
  const [broken, setBroken] = useState(false);
  const source = thumbnailOf(file);
  if (source === undefined || broken) {
    return (
      <Box sx={box} aria-hidden>
        <FileIcon fontSize="small" />
      </Box>
    );
  }
  return (
    <Box sx={box} aria-hidden>
      <Box component="img" src={source} alt="" loading="lazy" onError={() => setBroken(true)} sx={{ width: 1, height: 1, objectFit: 'cover' }} />
    </Box>
  );
}
