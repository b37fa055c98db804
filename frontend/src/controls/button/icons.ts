import type { ComponentType } from 'react';
import AddIcon from '@mui/icons-material/Add';
import ArrowBackIcon from '@mui/icons-material/ArrowBack';
import ArrowForwardIcon from '@mui/icons-material/ArrowForward';
import CheckIcon from '@mui/icons-material/Check';
import CloseIcon from '@mui/icons-material/Close';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import DownloadIcon from '@mui/icons-material/FileDownloadOutlined';
import EditIcon from '@mui/icons-material/EditOutlined';
import OpenIcon from '@mui/icons-material/OpenInNew';
import PersonIcon from '@mui/icons-material/PersonOutlined';
import PlayIcon from '@mui/icons-material/PlayArrowOutlined';
import RefreshIcon from '@mui/icons-material/Refresh';
import SaveIcon from '@mui/icons-material/SaveOutlined';
import SearchIcon from '@mui/icons-material/Search';
import SendIcon from '@mui/icons-material/SendOutlined';
import UploadIcon from '@mui/icons-material/FileUploadOutlined';
import type { MessageKey } from '../contract';

const names = [
  'none', 'add', 'back', 'check', 'close', 'delete', 'download', 'edit', 'forward', 'open', 'person', 'play', 'refresh', 'save', 'search', 'send', 'upload',
] as const;

export type IconName = (typeof names)[number];

/** The icons that a button may have. */
export const icons: Readonly<Record<IconName, ComponentType | undefined>> = {
  none: undefined,
  add: AddIcon,
  back: ArrowBackIcon,
  check: CheckIcon,
  close: CloseIcon,
  delete: DeleteIcon,
  download: DownloadIcon,
  edit: EditIcon,
  forward: ArrowForwardIcon,
  open: OpenIcon,
  person: PersonIcon,
  play: PlayIcon,
  refresh: RefreshIcon,
  save: SaveIcon,
  search: SearchIcon,
  send: SendIcon,
  upload: UploadIcon,
};

export const iconOptions = names.map((value): { value: IconName; label: MessageKey } => ({ value, label: `controls:button.icons.${value}` }));

/** Reads the name of an icon of a document. */
export function isIcon(name: unknown): name is IconName {
  return names.some((one) => one === name);
}
