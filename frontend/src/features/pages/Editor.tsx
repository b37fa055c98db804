import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { Controls } from '@/controls/contract';
import { useDraftSelector, useEdit } from '@/draft';
import type { PageDocument } from '@/renderer/document';
import { PlaceContext } from '@/renderer/place';
import { BarActions, BarTitle } from '@/ui/bar';
import { Canvas, type Device } from './canvas/Canvas';
import { useStage } from './canvas/useStage';
import { DeviceToggle } from './DeviceToggle';
import { nodeOf } from './document/tree';
import { EditorContext, PageEditor } from './editor';
import { Outline } from './outline/Outline';
import { PageMenu } from './PageMenu';
import { Palette } from './palette/Palette';
import { PropertyPanel } from './properties/PropertyPanel';
import { ScopeContext } from './properties/scope';
import { useEditorCommands } from './useEditorCommands';
import { useKeys } from './useKeys';
import './pages.css';

interface EditorProps {
  component: string;
  page: string;
  document: PageDocument;
  controls: Controls;
}

const noPages: readonly { id?: string | undefined; title?: string | undefined }[] = [];

/** The builder of one page: what can be added and what there is on the left, the page itself, and the chosen control on the right. */
export function Editor({ component, page, document, controls }: EditorProps) {
  const { t } = useTranslation('pages');
  const run = useEdit(component);
  const [editor] = useState(() => new PageEditor({ component, page }, document, controls, run));
  const [device, setDevice] = useState<Device>('desktop');
  const [side, setSide] = useState<'add' | 'outline'>('add');
  const root = useRef<HTMLDivElement>(null);
  const stage = useStage(component);
  const all = useDraftSelector(component, (doc) => doc.pages ?? noPages);
  const pages = useMemo(() => all.map(({ id = '', title }) => ({ id, title: title || id })), [all]);
  useLayoutEffect(() => editor.follow(document), [editor, document]);
  useAddressed(editor);
  useKeys(editor, root);
  useEditorCommands({ editor, device: setDevice, pages });
  const place = useMemo(() => ({ component, entry: stage.entry?.id, models: stage.models }), [component, stage.entry?.id, stage.models]);
  const scope = useMemo(() => ({ component, env: stage.env, models: stage.models, variables: stage.variables }), [component, stage.env, stage.models, stage.variables]);
  return (
    <EditorContext.Provider value={editor}>
      <BarTitle>
        <PageMenu component={component} page={page} pages={pages} />
      </BarTitle>
      <BarActions>
        <DeviceToggle device={device} onChange={setDevice} />
      </BarActions>
      <Box ref={root} sx={{ display: 'flex', height: '100%', minHeight: 0 }}>
        <Box component="h1" sx={{ position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' }}>
          {pages.find((one) => one.id === page)?.title ?? page}
        </Box>
        <Box sx={{ width: 280, flexShrink: 0, display: { xs: 'none', md: 'flex' }, flexDirection: 'column', bgcolor: 'background.paper', borderRight: 1, borderColor: 'divider' }}>
          <Tabs
            value={side}
            onChange={(_, next: 'add' | 'outline') => setSide(next)}
            variant="fullWidth"
            aria-label={t('side')}
            sx={{ minHeight: 38, borderBottom: 1, borderColor: 'divider', flexShrink: 0, '& .MuiTab-root': { minHeight: 38 } }}
          >
            <Tab value="add" label={t('add')} id="page-add-tab" aria-controls="page-add-panel" />
            <Tab value="outline" label={t('outline')} id="page-outline-tab" aria-controls="page-outline-panel" />
          </Tabs>
          <Box role="tabpanel" id={`page-${side}-panel`} aria-labelledby={`page-${side}-tab`} sx={{ flex: 1, minHeight: 0, overflow: 'auto' }}>
            {side === 'add' ? <Palette fields={stage.fields} /> : <Outline />}
          </Box>
        </Box>
        <PlaceContext.Provider value={place}>
          <Canvas host={stage.host} device={device} ready={stage.ready} version={document} />
        </PlaceContext.Provider>
        <Box
          component="aside"
          aria-label={t('properties.label')}
          sx={{ width: 296, flexShrink: 0, display: { xs: 'none', md: 'block' }, overflow: 'auto', bgcolor: 'background.paper', borderLeft: 1, borderColor: 'divider' }}
        >
          <ScopeContext.Provider value={scope}>
            <PropertyPanel />
          </ScopeContext.Provider>
        </Box>
      </Box>
    </EditorContext.Provider>
  );
}

/** Chooses the node that the address names, as the list of problems does: "?at=nodes/grid/props/columns". */
function useAddressed(editor: PageEditor): void {
  const [search] = useSearchParams();
  const at = search.get('at') ?? '';
  useEffect(() => {
    const [nodes, id = ''] = at.split('/');
    if (nodes === 'nodes' && nodeOf(editor.document, id) !== undefined) editor.select(id);
  }, [editor, at]);
}
