import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControl from '@mui/material/FormControl';
import FormHelperText from '@mui/material/FormHelperText';
import FormLabel from '@mui/material/FormLabel';
import Typography from '@mui/material/Typography';
import UploadFileIcon from '@mui/icons-material/UploadFileOutlined';
import { type DragEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ApiError, isApiError } from '@/api';
import { StoredFile } from '@/values/value';
import type { ControlProps } from '../contract';
import { writeBytes } from '../input/bytes';
import { checkFile, Problem } from '../input/check';
import { type InputProps, labelOf } from '../input/settings';
import { unread } from '../input/unread';
import { mediaTypeOf, useUploadFileMutation } from '../input/upload';
import { useProblem } from '../input/useProblem';
import { useProblemText } from '../input/useProblemText';
import { fills } from '../layout/layout';
import { FileRow, UploadRow } from './rows';

export type FileProps = InputProps & { readOnly: boolean };

/** What keeps a chosen file from being stored. */
interface Refusal {
  name: string;
  reason: Problem | ApiError;
}

export function FileInput(control: ControlProps<FileProps>) {
  const { field, props, value, setValue, required, mode, name } = control;
  const { t, i18n } = useTranslation('controls');
  const textOf = useProblemText();
  const { error, below, leave, ...state } = useProblem(control);
  const [upload] = useUploadFileMutation();
  const [sending, setSending] = useState<{ name: string; part: number; stop: () => void }>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();

  const fixed = state.fixed || props.readOnly || mode === 'edit';
  const accepted = field?.file?.acceptedTypes ?? [];
  const most = Number(field?.file?.maxBytes ?? 0);
  const label = labelOf(props.label, field, name);

  const take = async (file: File | undefined) => {
    if (file === undefined || fixed || sending !== undefined) return;
    const problem = checkFile(field, { size: file.size, type: mediaTypeOf(file) });
    if (problem !== undefined) return setRefusal({ name: file.name, reason: problem });
    setRefusal(undefined);
    const going = upload({ file, onProgress: (part) => setSending((now) => now && { ...now, part }) });
    let stopped = false;
    const stop = () => {
      stopped = true;
      going.abort();
    };
    setSending({ name: file.name, part: 0, stop });
    setValue(unread(file.name)); // a record is not stored without the file that is on its way
    const { data, error } = await going;
    setSending(undefined);
    setValue(data?.id === undefined ? (value ?? null) : new StoredFile(data.id));
    if (data === undefined && !stopped && isApiError(error)) setRefusal({ name: file.name, reason: error });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };

  const said = refusal && (refusal.reason instanceof Problem ? textOf(refusal.reason, i18n.language) : refusal.reason.message || t('file.failed'));
  const wrong = said === undefined ? (error && sending === undefined ? below : undefined) : `${refusal?.name}: ${said}`;
  const note = wrong ?? ((!error && below) || limits(t, i18n.language, accepted, most));
  return (
    <FormControl fullWidth className={fills} error={wrong !== undefined} required={required} disabled={state.fixed} onBlur={leave}>
      <FormLabel id={`${id}-label`} htmlFor={`${id}-input`} sx={{ fontSize: '0.8125rem', mb: 0.5 }}>
        {label}
      </FormLabel>
      <Box
        role="group"
        aria-labelledby={`${id}-label`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(!fixed);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        sx={{
          border: 1,
          borderStyle: over ? 'solid' : 'dashed',
          borderColor: over ? 'primary.main' : wrong === undefined ? 'divider' : 'error.main',
          borderRadius: 1,
          minHeight: 46,
          px: 1.5,
          py: 0.75,
          display: 'flex',
          alignItems: 'center',
          gap: 1,
        }}
      >
        {sending !== undefined ? (
          <UploadRow {...sending} />
        ) : value instanceof StoredFile ? (
          <FileRow id={value.id} fixed={fixed} onReplace={() => input.current?.click()} onRemove={() => setValue(null)} />
        ) : (
          <>
            <Button startIcon={<UploadFileIcon />} disabled={fixed} onClick={() => input.current?.click()}>
              {t('file.choose')}
            </Button>
            {!fixed && (
              <Typography variant="body2" sx={{ color: 'text.secondary' }}>
                {t('file.drop')}
              </Typography>
            )}
          </>
        )}
      </Box>
      <input
        ref={input}
        id={`${id}-input`}
        type="file"
        hidden
        accept={accepted.join(',')}
        disabled={fixed}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = ''; // so that the same file can be chosen again
        }}
      />
      <FormHelperText role={wrong === undefined ? undefined : 'alert'} sx={{ mx: 0, overflowWrap: 'anywhere' }}>
        {note || undefined}
      </FormHelperText>
    </FormControl>
  );
}

type Translate = (key: string, params: Record<string, string>) => string;

function limits(t: Translate, language: string, accepted: readonly string[], most: number): string {
  const types = accepted.length > 0 ? accepted.join(', ') : '';
  if (most <= 0) return types;
  const size = t('file.upTo', { size: writeBytes(most, language) });
  return types === '' ? size : `${types} · ${size}`;
}
