import Box from '@mui/material/Box';
import ImageIcon from '@mui/icons-material/ImageOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StoredFile, type Value } from '@/values/value';
import type { Control, ControlProps } from '../contract';
import { fileAddress } from '../input/upload';

interface ImageProps {
  /** Id of a file, for an image that is bound to no field. */
  file: string;
  alt: string;
  height: number;
  fit: 'contain' | 'cover';
}

function Image({ props, value, field }: ControlProps<ImageProps>) {
  const { t } = useTranslation('controls');
  const source = sourceOf(field === undefined ? new StoredFile(props.file) : value);
  // Remembered by address: another image gets its chance.
  const [broken, setBroken] = useState<string>();
  const height = Number.isInteger(props.height) && props.height >= 16 && props.height <= 4096 ? props.height : 200;
  if (source !== undefined && source !== broken) {
    return (
      <Box
        component="img"
        src={source}
        alt={props.alt}
        loading="lazy"
        onError={() => setBroken(source)}
        sx={{ display: 'block', width: '100%', height, objectFit: props.fit === 'cover' ? 'cover' : 'contain', borderRadius: 1 }}
      />
    );
  }
  const why = source === undefined ? t('image.none') : t('image.broken');
  return (
    <Box
      role="img"
      aria-label={props.alt === '' ? why : `${props.alt}: ${why}`}
      sx={{
        height,
        display: 'grid',
        placeItems: 'center',
        alignContent: 'center',
        gap: 1,
        borderRadius: 1,
        bgcolor: 'action.hover',
        color: 'text.secondary',
        fontSize: '0.8125rem',
      }}
    >
      <ImageIcon aria-hidden />
      {why}
    </Box>
  );
}

function sourceOf(value: Value | undefined): string | undefined {
  if (value instanceof StoredFile) return value.id === '' ? undefined : fileAddress(value.id);
  // Addresses that are none of these would be read as a path of ours.
  return typeof value === 'string' && /^https:\/\//i.test(value) ? value : undefined;
}

/** A picture: a stored file, or one whose address stands in a field, as far as the policy of the page lets it in. */
export const control: Control<ImageProps> = {
  type: 'image',
  title: 'controls:image.title',
  icon: ImageIcon,
  group: 'display',
  schema: {
    file: { kind: 'file', accept: ['image/*'], label: 'controls:image.file', help: 'controls:image.fileHelp', group: 'content', default: '' },
    alt: { kind: 'text', label: 'controls:image.alt', help: 'controls:image.altHelp', group: 'content', default: '', bindable: true },
    height: { kind: 'number', min: 16, max: 4096, label: 'controls:image.height', group: 'layout', default: 200 },
    fit: {
      kind: 'enum',
      label: 'controls:image.fit',
      group: 'style',
      default: 'contain',
      options: [
        { value: 'contain', label: 'controls:image.contain' },
        { value: 'cover', label: 'controls:image.cover' },
      ],
    },
  },
  defaults: { file: '', alt: '', height: 200, fit: 'contain' },
  bind: { kinds: ['file', 'uri'] },
  View: Image,
};
