import AttachFileIcon from '@mui/icons-material/AttachFile';
import type { Control } from '../contract';
import { inputDefaults, inputSchema } from '../input/settings';
import { FileInput, type FileProps } from './FileInput';

/** A file: chosen or dropped, sent to the server, and fetched again. */
export const control: Control<FileProps> = {
  type: 'file',
  title: 'controls:file.title',
  icon: AttachFileIcon,
  group: 'input',
  schema: {
    ...inputSchema,
    readOnly: { kind: 'boolean', label: 'controls:file.readOnly', group: 'behaviour', default: false, bindable: true },
  },
  defaults: { ...inputDefaults, readOnly: false },
  bind: { kinds: ['file'] },
  View: FileInput,
};
