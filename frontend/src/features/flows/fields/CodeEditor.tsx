import Box from '@mui/material/Box';
import { useColorScheme } from '@mui/material/styles';
import { python } from '@codemirror/lang-python';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import CodeMirror, { Decoration, EditorView, type Extension, StateField } from '@uiw/react-codemirror';
import { useEffect, useMemo, useRef } from 'react';
import type { Problem } from '@/api';

interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  problems: readonly Problem[];
  /** In px; without, it fills what it stands in. */
  height?: number;
  /** Line to go to, from 1; a new object goes there again. */
  line?: { at: number } | undefined;
  readOnly?: boolean;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

const looks = EditorView.theme({
  '&': { backgroundColor: 'transparent', fontSize: '12.5px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--aqtra-mono)', lineHeight: '1.6' },
  '.cm-gutters': { backgroundColor: 'transparent', border: '0', color: 'var(--aqtra-palette-text-secondary)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--aqtra-palette-action-hover)' },
  '.cm-content': { caretColor: 'var(--aqtra-palette-text-primary)', color: 'var(--aqtra-palette-text-primary)' },
  '.cm-cursor': { borderLeftColor: 'var(--aqtra-palette-text-primary)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--aqtra-palette-primary-main) 24%, transparent)' },
  '.cm-wrong': { backgroundColor: 'color-mix(in srgb, var(--aqtra-palette-error-main) 16%, transparent)' },
});

const coloured = (dark: boolean) =>
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.comment, color: dark ? '#9aa3b2' : '#5b6472', fontStyle: 'italic' },
      { tag: [tags.string, tags.special(tags.string)], color: dark ? '#8fd0a5' : '#17653f' },
      { tag: [tags.keyword, tags.operatorKeyword, tags.self], color: dark ? '#b4b8ff' : '#4750d6' },
      { tag: [tags.number, tags.bool, tags.null], color: dark ? '#f0b878' : '#8a4b00' },
      { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: dark ? '#8ec5ff' : '#1f5aa8', fontWeight: '600' },
      { tag: tags.invalid, color: 'var(--aqtra-palette-error-main)' },
    ]),
  );
const colours = { dark: coloured(true), light: coloured(false) };

/** Python, with the lines that something is wrong with marked. Tab leaves the editor, Ctrl ] and Ctrl [ indent. */
export function CodeEditor({ label, value, onChange, problems, height, line, readOnly = false }: CodeEditorProps) {
  const { mode, systemMode } = useColorScheme();
  const dark = (mode === 'system' ? systemMode : mode) === 'dark';
  const view = useRef<EditorView>(undefined);
  const wrong = problems.map((problem) => problem.line ?? 0).filter((at) => at > 0).join(',');
  const extensions = useMemo<Extension[]>(
    () => [
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.lineWrapping,
      python(),
      looks,
      dark ? colours.dark : colours.light,
      marks(wrong),
    ],
    [label, wrong, dark],
  );
  useEffect(() => {
    const { current } = view;
    if (line === undefined || current === undefined || line.at < 1 || line.at > current.state.doc.lines) return;
    const { from } = current.state.doc.line(line.at);
    current.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    current.focus();
  }, [line]);
  return (
    <Box sx={{ border: 1, borderColor: 'divider', borderRadius: 1, bgcolor: 'background.paper', overflow: 'hidden', height: height ?? '100%', '&:focus-within': { borderColor: 'primary.main' }, '& > div': { height: '100%' } }}>
      <CodeMirror
        value={value}
        onChange={onChange}
        theme="none"
        height="100%"
        indentWithTab={false}
        readOnly={readOnly}
        extensions={extensions}
        basicSetup={{ autocompletion: false, syntaxHighlighting: false, searchKeymap: true, tabSize: 4 }}
        onCreateEditor={(created) => {
          view.current = created;
        }}
      />
    </Box>
  );
}

/** Marks lines, given as "3,7". */
function marks(lines: string): Extension {
  const mark = Decoration.line({ class: 'cm-wrong' });
  const at = lines.split(',').map(Number).filter((n) => n > 0).toSorted((a, b) => a - b);
  return StateField.define({
    create: (state) => Decoration.set([...new Set(at)].filter((n) => n <= state.doc.lines).map((n) => mark.range(state.doc.line(n).from))),
    update: (set, change) => set.map(change.changes),
    provide: (field) => EditorView.decorations.from(field),
  });
}
