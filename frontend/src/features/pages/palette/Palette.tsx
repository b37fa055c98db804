import { draggable } from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import SearchIcon from '@mui/icons-material/Search';
import { memo, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import type { ControlGroup } from '@/controls/contract';
import { dragData, previewAs } from '../drag';
import { type New, rootTypes, useEditor } from '../editor';
import { controlFor } from './suggest';

const groups: readonly ControlGroup[] = ['layout', 'display', 'input', 'data', 'action'];

/** Everything that can be added: by a click, or dragged to where it goes. */
export const Palette = memo(function Palette({ fields }: { fields: readonly Field[] }) {
  const { t } = useTranslation(['pages', 'controls']);
  const { controls } = useEditor();
  const [typed, setTyped] = useState('');
  const words = typed.trim().toLowerCase();
  const all = useMemo(() => [...controls.values()].filter((control) => !rootTypes.includes(control.type)), [controls]);
  const found = (text: string) => text.toLowerCase().includes(words);
  const bound = fields.flatMap((field): New[] => {
    const control = controlFor(field, controls);
    const title = field.title || field.name || '';
    return control !== undefined && found(`${title} ${field.name}`) ? [{ control, title, field }] : [];
  });
  const sections = groups.map((group) => ({
    group,
    made: all
      .filter((control) => control.group === group)
      .map((control): New => ({ control, title: t(control.title) }))
      .filter(({ control, title }) => found(`${title} ${control.type}`)),
  }));
  const none = bound.length === 0 && sections.every(({ made }) => made.length === 0);
  return (
    <Box sx={{ p: 1.5, display: 'grid', gap: 1.75 }}>
      <TextField
        type="search"
        placeholder={t('palette.search')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        slotProps={{
          htmlInput: { 'aria-label': t('palette.search') },
          input: {
            startAdornment: (
              <InputAdornment position="start">
                <SearchIcon fontSize="small" />
              </InputAdornment>
            ),
          },
        }}
      />
      {bound.length > 0 && (
        <Section title={t('palette.fields')}>
          {bound.map((made) => (
            <Tile key={made.field?.name} made={made} />
          ))}
        </Section>
      )}
      {sections.map(
        ({ group, made }) =>
          made.length > 0 && (
            <Section key={group} title={t(`palette.${group}`)}>
              {made.map((one) => (
                <Tile key={one.control.type} made={one} />
              ))}
            </Section>
          ),
      )}
      {none && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          {t('palette.none')}
        </Typography>
      )}
    </Box>
  );
});

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Box role="group" aria-labelledby={id}>
      <Typography id={id} variant="h3" component="h2" sx={{ color: 'text.secondary', fontSize: '0.75rem', mb: 0.75 }}>
        {title}
      </Typography>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 0.75 }}>{children}</Box>
    </Box>
  );
}

function Tile({ made }: { made: New }) {
  const editor = useEditor();
  const ref = useRef<HTMLButtonElement>(null);
  const { control, title } = made;
  useEffect(() => {
    if (ref.current === null) return;
    return draggable({
      element: ref.current,
      getInitialData: () => dragData({ kind: 'new', made }),
      onGenerateDragPreview: ({ nativeSetDragImage }) => previewAs(made.title, nativeSetDragImage),
    });
  }, [made]);
  const Icon = control.icon;
  return (
    <ButtonBase
      ref={ref}
      onClick={() => editor.addNew(made)}
      title={title}
      sx={{
        display: 'flex', justifyContent: 'flex-start', gap: 1, minWidth: 0, height: 34, px: 1, border: 1, borderColor: 'divider', borderRadius: 1,
        fontFamily: 'inherit', fontSize: '0.75rem', cursor: 'grab', bgcolor: 'background.paper',
        '& svg': { color: 'text.secondary', fontSize: 18 },
        '&:hover, &.Mui-focusVisible': { borderColor: 'primary.main', bgcolor: 'action.hover' },
      }}
    >
      <Icon fontSize="small" />
      <Box component="span" sx={{ minWidth: 0, maxHeight: 30, overflow: 'hidden', textAlign: 'left', overflowWrap: 'anywhere', lineHeight: 1.2 }}>
        {title}
      </Box>
    </ButtonBase>
  );
}
