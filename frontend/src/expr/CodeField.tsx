import { autocompletion, type Completion, type CompletionContext, completionKeymap } from '@codemirror/autocomplete';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import CodeMirror, { EditorView, keymap } from '@uiw/react-codemirror';
import { tags } from '@lezer/highlight';
import { useMemo } from 'react';
import { offersAt } from './completion';
import type { Env } from './env';
import type { Mark } from './outcome';

export interface CodeFieldProps {
  value: string;
  onChange: (value: string) => void;
  env: Env;
  label: string;
  /** Id of what describes the field. */
  describedBy: string;
  /** What is underlined. */
  marks: (text: string) => readonly Mark[];
  readOnly: boolean;
}

/** How the words of the language are told apart, for colours alone. */
const language = StreamLanguage.define({
  token(stream) {
    if (stream.match(/^[rRbB]{0,2}("""|''')/)) {
      stream.skipToEnd();
      return 'string';
    }
    if (stream.match(/^[rRbB]{0,2}("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) return 'string';
    if (stream.match(/^\/\/.*/)) return 'comment';
    if (stream.match(/^(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/)) return 'number';
    if (stream.match(/^(?:true|false|null|in)\b/)) return 'keyword';
    if (stream.match(/^[A-Za-z_]\w*(?=\s*\()/)) return 'labelName';
    if (stream.match(/^(?:[A-Za-z_]\w*|`[^`]*`)/)) return 'variableName';
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.string, color: 'var(--aqtra-palette-success-main)' },
  { tag: tags.number, color: 'var(--aqtra-palette-warning-main)' },
  { tag: tags.keyword, color: 'var(--aqtra-palette-primary-main)' },
  { tag: tags.labelName, color: 'var(--aqtra-palette-info-main)' },
  { tag: tags.comment, color: 'var(--aqtra-palette-text-secondary)' },
]);

const look = EditorView.theme({
  '&': { fontSize: '0.8125rem', color: 'var(--aqtra-palette-text-primary)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--aqtra-mono)', lineHeight: '1.5' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--aqtra-palette-text-primary)' },
  '.cm-cursor': { borderLeftColor: 'var(--aqtra-palette-text-primary)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-tooltip': {
    backgroundColor: 'var(--aqtra-palette-background-paper)',
    border: '1px solid var(--aqtra-palette-divider)',
    borderRadius: '6px',
    color: 'var(--aqtra-palette-text-primary)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', maxHeight: '14em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--aqtra-palette-primary-main)',
    color: 'var(--aqtra-palette-primary-contrastText)',
  },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '0.75' },
  // CodeMirror's own is an image, of one red in light and dark.
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--aqtra-palette-error-main) 1px', textUnderlineOffset: '3px' },
  '.cm-diagnostic': { fontSize: '0.75rem', padding: '4px 8px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--aqtra-palette-error-main)' },
});

/** The page's policy lets in no styles without this. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** The editor proper. It is heavy: load it by React.lazy. */
export function CodeField({ value, onChange, env, label, describedBy, marks, readOnly }: CodeFieldProps) {
  const extensions = useMemo(
    () => [
      EditorView.cspNonce.of(nonce()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, spellcheck: 'false' }),
      language,
      syntaxHighlighting(colours),
      look,
      keymap.of(completionKeymap),
      autocompletion({ override: [(context) => complete(env, context)], icons: false }),
      linter((view) => marks(view.state.doc.toString()).map((mark) => ({ ...mark, severity: 'error' as const })), { delay: 200 }),
    ],
    [env, label, describedBy, marks],
  );
  return (
    <CodeMirror
      value={value}
      onChange={onChange}
      extensions={extensions}
      theme="none"
      indentWithTab={false}
      readOnly={readOnly}
      basicSetup={{
        lineNumbers: false, foldGutter: false, highlightActiveLine: false, highlightActiveLineGutter: false, autocompletion: false,
        drawSelection: false, rectangularSelection: false, crosshairCursor: false, dropCursor: false, searchKeymap: false,
        lintKeymap: false, foldKeymap: false, completionKeymap: false, syntaxHighlighting: false,
      }}
    />
  );
}

function complete(env: Env, context: CompletionContext) {
  const found = offersAt(env, context.state.doc.toString(), context.pos);
  if (found === undefined || found.offers.length === 0) return null;
  if (found.from === context.pos && !context.explicit && context.state.sliceDoc(context.pos - 1, context.pos) !== '.') return null;
  return {
    from: found.from,
    options: found.offers.map(({ label, text, rank, detail }): Completion => ({ label, apply: text, detail, boost: rank })),
    validFor: /^`?\w*$/,
  };
}
