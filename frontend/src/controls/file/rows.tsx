import IconButton from '@mui/material/IconButton';
import InsertDriveFileIcon from '@mui/icons-material/InsertDriveFileOutlined';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import Box from '@mui/material/Box';
import CloseIcon from '@mui/icons-material/Close';
import UploadFileIcon from '@mui/icons-material/UploadFileOutlined';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { writeBytes } from '../input/bytes';
import { fileAddress } from '../input/upload';

interface FileRowProps {
  id: string;
  fixed: boolean;
  onReplace: () => void;
  onRemove: () => void;
}

/** A stored file: its name, which fetches it, its size, and what can be done with it. */
export function FileRow({ id, fixed, onReplace, onRemove }: FileRowProps) {
  const { t, i18n } = useTranslation('controls');
  const { currentData: info } = api.useGetFileQuery({ file: id });
  const name = info?.name || t('file.unnamed');
  return (
    <>
      <InsertDriveFileIcon fontSize="small" aria-hidden sx={{ color: 'text.secondary' }} />
      <Link href={fileAddress(id)} download={info?.name || true} variant="body2" noWrap sx={{ minWidth: 0 }}>
        {name}
      </Link>
      {info?.size !== undefined && (
        <Typography variant="caption" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
          {writeBytes(Number(info.size), i18n.language)}
        </Typography>
      )}
      {!fixed && (
        <Box sx={{ ml: 'auto', display: 'flex' }}>
          <Tooltip title={t('file.replace')}>
            <IconButton aria-label={t('file.replace')} onClick={onReplace}>
              <UploadFileIcon fontSize="small" />
            </IconButton>
          </Tooltip>
          <Tooltip title={t('file.remove')}>
            <IconButton aria-label={t('file.remove')} onClick={onRemove}>
              <CloseIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        </Box>
      )}
    </>
  );
}

interface UploadRowProps {
  name: string;
  part: number;
  stop: () => void;
}

/** A file on its way. */
export function UploadRow({ name, part, stop }: UploadRowProps) {
  const { t } = useTranslation('controls');
  return (
    <>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="body2" noWrap>
          {name}
        </Typography>
        <LinearProgress variant="determinate" value={Math.round(part * 100)} aria-label={t('file.sending', { name })} />
      </Box>
      <IconButton aria-label={t('file.stop')} onClick={stop}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </>
  );
}
