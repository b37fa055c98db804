import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import Box from '@mui/material/Box';
import ErrorIcon from '@mui/icons-material/ErrorOutlined';
import ExpandIcon from '@mui/icons-material/ChevronRight';
import { createContext, Fragment, type KeyboardEvent, memo, type MouseEvent, type RefObject, useContext, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useChecked } from '@/draft';
import { useCell } from '../cell';
import { nodeOf, type Place } from '../document/tree';
import { dragData, draggedOf, previewAs } from '../drag';
import { nodesWithProblems } from '../properties/problems';
import { type PageEditor, rootTypes, useEditor, useNode } from '../editor';
import { placeOnRow, stepOf } from './order';
import { summaryOf } from './summary';

/** The nodes that something is wrong with. */
const ProblemsContext = createContext<ReadonlySet<string>>(new Set());

/** The controls of the page as a tree, for the keyboard and for what is hard to hit on the canvas. */
export const Outline = memo(function Outline() {
  const { t } = useTranslation('pages');
  const editor = useEditor();
  const tree = useRef<HTMLDivElement>(null);
  const selected = useCell(editor.selection);
  const checked = useChecked(editor.of.component);
  const wrong = useMemo(() => nodesWithProblems(checked?.problems ?? [], editor.of.page), [checked, editor]);
  useDragging(tree);
  useEffect(() => {
    // Moves the focus along when the tree has it already, and never takes it from elsewhere.
    const row = tree.current?.querySelector<HTMLElement>('[aria-selected=true] > .row');
    row?.scrollIntoView?.({ block: 'nearest' });
    if (tree.current?.contains(document.activeElement)) row?.parentElement?.focus({ preventScroll: true });
  }, [selected]);
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const chosen = editor.selection.get();
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      if (chosen !== undefined) editor.shift(chosen, event.key === 'ArrowUp' ? -1 : 1);
    } else {
      const step = stepOf(event.key, editor.document, editor.collapsed.get(), chosen);
      if (step === undefined) return;
      if ('select' in step) editor.select(step.select);
      else editor.fold('fold' in step ? step.fold : step.unfold, 'fold' in step);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const click = (event: MouseEvent) => {
    const item = rowOf(event.target);
    if (item === undefined) return;
    if (event.target instanceof Element && event.target.closest('.fold')) {
      editor.fold(item.id, !editor.collapsed.get().has(item.id));
      return;
    }
    editor.select(item.id);
    item.element.focus({ preventScroll: true });
  };
  return (
    <Box
      ref={tree}
      role="tree"
      aria-label={t('outline')}
      onKeyDown={key}
      onClick={click}
      sx={{
        p: 0.5, pb: 6, fontSize: '0.8125rem',
        '& [role=treeitem]': { outline: 0 },
        '& .row': { display: 'flex', alignItems: 'center', gap: 0.75, height: 28, pr: 1, borderRadius: 1, cursor: 'default', whiteSpace: 'nowrap', position: 'relative' },
        '& .row svg': { flexShrink: 0, fontSize: 17, color: 'text.secondary' },
        '& .fold': { display: 'inline-flex', width: 18, flexShrink: 0, justifyContent: 'center' },
        '& .fold svg': { fontSize: 15, transition: 'transform 100ms' },
        '& [aria-expanded=true] > .row .fold svg': { transform: 'rotate(90deg)' },
        '& .row:hover': { bgcolor: 'action.hover' },
        '& [aria-selected=true] > .row': { bgcolor: 'action.selected', fontWeight: 600 },
        '& [role=treeitem]:focus-visible > .row': { boxShadow: (theme) => `inset 0 0 0 2px ${theme.vars?.palette.primary.main}` },
        '& .row svg.wrong': { color: 'error.main', fontSize: 15, ml: 'auto' },
        '& .slot': { height: 22, lineHeight: '22px', fontSize: '0.6875rem', color: 'text.secondary' },
        '& .summary': { color: 'text.secondary', fontWeight: 400, overflow: 'hidden', textOverflow: 'ellipsis' },
        '& [data-drop=before] > .row::before, & [data-drop=after] > .row::after': {
          content: '""', position: 'absolute', left: 20, right: 4, height: 2, bgcolor: 'primary.main',
        },
        '& [data-drop=before] > .row::before': { top: -1 },
        '& [data-drop=after] > .row::after': { bottom: -1 },
        '& [data-drop=into] > .row': { boxShadow: (theme) => `inset 0 0 0 2px ${theme.vars?.palette.primary.main}` },
      }}
    >
      <ProblemsContext.Provider value={wrong}>
        <Row id={editor.document.root} level={1} />
      </ProblemsContext.Provider>
    </Box>
  );
});

const Row = memo(function Row({ id, level }: { id: string; level: number }) {
  const editor = useEditor();
  const { t } = useTranslation(['controls', 'pages']);
  const wrong = useContext(ProblemsContext).has(id);
  const node = useNode(id);
  const selected = useCell(editor.selection, (chosen) => chosen === id);
  const first = useCell(editor.selection, (chosen) => chosen === undefined) && id === editor.document.root;
  const folded = useCell(editor.collapsed, (all) => all.has(id));
  const drop = useCell(editor.drop, (target) => (target === undefined || target.line !== undefined ? undefined : dropPart(editor, target.place, id)));
  if (node === undefined) return null;
  const control = editor.controls.get(node.type);
  const Icon = control?.icon ?? ErrorIcon;
  const title = control === undefined ? node.type : t(control.title);
  const summary = summaryOf(node);
  const slots = Object.entries(node.slots).filter(([, children]) => children.length > 0);
  const open = slots.length > 0 && !folded;
  return (
    <div
      role="treeitem"
      aria-level={level}
      aria-selected={selected}
      aria-expanded={slots.length > 0 ? open : undefined}
      aria-label={[title, summary, node.name, wrong ? t('pages:wrong') : ''].filter(Boolean).join(', ')}
      data-row={id}
      data-drop={drop}
      tabIndex={selected || first ? 0 : -1}
    >
      <div className="row" style={{ paddingLeft: (level - 1) * 14 }}>
        <span className="fold">{slots.length > 0 && <ExpandIcon />}</span>
        <Icon fontSize="small" />
        <span>{title}</span>
        <span className="summary">{summary}</span>
        {wrong && <ErrorIcon className="wrong" />}
      </div>
      {open && (
        <div role="group">
          {slots.map(([slot, children]) => (
            <Fragment key={slot}>
              {(control?.slots?.length ?? 0) > 1 && (
                <div role="presentation" className="slot" style={{ paddingLeft: level * 14 + 24 }}>
                  {typeof node.props[slot] === 'string' && node.props[slot] !== '' ? node.props[slot] : slot}
                </div>
              )}
              {children.map((child) => (
                <Row key={child} id={child} level={level + 1} />
              ))}
            </Fragment>
          ))}
        </div>
      )}
    </div>
  );
});

/** How a place is shown on a row: it goes into the node, or before or after it. */
function dropPart(editor: PageEditor, place: Place, id: string): 'into' | 'before' | 'after' | undefined {
  const siblings = nodeOf(editor.document, place.parent)?.slots[place.slot] ?? [];
  if (siblings[place.index] === id) return 'before';
  if (place.index > 0 && place.index === siblings.length && siblings[place.index - 1] === id) return 'after';
  return place.parent === id && siblings.length === 0 ? 'into' : undefined;
}

function rowOf(target: EventTarget | null): { id: string; element: HTMLElement } | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  return element === null ? undefined : { id: element.dataset.row ?? '', element };
}

/** Makes the tree the one thing that its rows are dragged from and dropped on. */
function useDragging(tree: RefObject<HTMLDivElement | null>): void {
  const editor = useEditor();
  useEffect(() => {
    const element = tree.current;
    if (element === null) return;
    const at = ({ clientX, clientY }: { clientX: number; clientY: number }) => {
      const row = rowOf(document.elementFromPoint(clientX, clientY));
      const line = row?.element.querySelector(':scope > .row')?.getBoundingClientRect();
      return row && line && { id: row.id, part: (clientY - line.top) / line.height };
    };
    return combine(
      draggable({
        element,
        canDrag: ({ input }) => {
          const row = at(input);
          return row !== undefined && row.id !== editor.document.root;
        },
        getInitialData: ({ input }) => dragData({ kind: 'node', id: at(input)?.id ?? '' }),
        onGenerateDragPreview: ({ source, nativeSetDragImage }) => {
          const dragged = draggedOf(source.data);
          if (dragged?.kind === 'node') previewAs(nodeOf(editor.document, dragged.id)?.name ?? '', nativeSetDragImage);
        },
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => {
          const dragged = draggedOf(source.data);
          return dragged !== undefined && !(dragged.kind === 'new' && rootTypes.includes(dragged.made.control.type));
        },
        onDrag: ({ location }) => {
          const row = at(location.current.input);
          const place = row && placeOnRow(editor.document, row.id, row.part, editor.slotsOf(row.id));
          const before = editor.drop.get();
          if (JSON.stringify(before?.place) !== JSON.stringify(place)) editor.drop.set(place && { place, line: undefined });
        },
        onDragLeave: () => editor.drop.set(undefined),
        onDrop: ({ source }) => {
          const dragged = draggedOf(source.data);
          const drop = editor.drop.get();
          editor.drop.set(undefined);
          if (drop === undefined || dragged === undefined) return;
          if (dragged.kind === 'new') editor.addNew(dragged.made, drop.place);
          else editor.move(dragged.id, drop.place);
        },
      }),
    );
  }, [editor, tree]);
}
