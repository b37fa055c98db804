import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import WebAssetIcon from '@mui/icons-material/PictureInPictureAltOutlined';
import type { Control, ControlProps } from '../contract';

interface ModalProps {
  title: string;
  size: 'small' | 'medium' | 'large';
}

const widths = { small: 444, medium: 600, large: 900 } as const;

function Modal({ props, slots, mode }: ControlProps<ModalProps>) {
  return (
    <Box
      component="section"
      aria-label={props.title || undefined}
      sx={{
        containerType: 'inline-size', maxWidth: widths[props.size], mx: 'auto',
        ...(mode === 'edit' && { border: 1, borderColor: 'divider', borderRadius: 1.5, bgcolor: 'background.paper', p: 2.5 }),
      }}
    >
      {props.title !== '' && (
        <Typography variant="h2" sx={{ mb: 2, pr: 4 }}>
          {props.title}
        </Typography>
      )}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(12, minmax(0, 1fr))', columnGap: 2, rowGap: 2, minHeight: 32 }}>{slots.children}</Box>
    </Box>
  );
}

/** The root of a page that is opened over another one. */
export const control: Control<ModalProps> = {
  type: 'modal',
  title: 'controls:modal.title',
  icon: WebAssetIcon,
  group: 'layout',
  schema: {
    title: { kind: 'text', label: 'controls:modal.heading', group: 'content', default: '', bindable: true },
    size: {
      kind: 'enum',
      label: 'controls:modal.size',
      group: 'layout',
      default: 'small',
      options: [
        { value: 'small', label: 'controls:modal.small' },
        { value: 'medium', label: 'controls:modal.medium' },
        { value: 'large', label: 'controls:modal.large' },
      ],
    },
  },
  defaults: { title: '', size: 'small' },
  slots: ['children'],
  View: Modal,
};
