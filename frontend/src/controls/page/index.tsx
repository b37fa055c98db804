import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import WebAssetIcon from '@mui/icons-material/WebAsset';
import type { Control, ControlProps } from '../contract';

interface PageProps {
  title: string;
}

function Page({ props, slots }: ControlProps<PageProps>) {
  return (
    <Box component="section" aria-label={props.title || undefined} sx={{ containerType: 'inline-size' }}>
      {props.title !== '' && (
        <Typography variant="h1" sx={{ mb: 3 }}>
          {props.title}
        </Typography>
      )}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(12, minmax(0, 1fr))', columnGap: 2, rowGap: 2 }}>{slots.children}</Box>
    </Box>
  );
}

/** The root of a page: a heading and a grid of twelve columns. */
export const control: Control<PageProps> = {
  type: 'page',
  title: 'controls:page.title',
  icon: WebAssetIcon,
  group: 'layout',
  schema: { title: { kind: 'text', label: 'controls:page.heading', group: 'content', default: '', bindable: true } },
  defaults: { title: '' },
  slots: ['children'],
  View: Page,
};
