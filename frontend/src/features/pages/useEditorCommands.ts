import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useNotify } from '@/ui/notices';
import { type Command, useCommands } from '@/ui/commands';
import type { Device } from './canvas/Canvas';
import { useCell } from './cell';
import { type PageEditor, rootTypes } from './editor';

interface Choices {
  editor: PageEditor;
  device: (device: Device) => void;
  /** Other pages of the component. */
  pages: readonly { id: string; title: string }[];
}

/** Offers everything that the editor can do to the palette of Ctrl K. */
export function useEditorCommands({ editor, device, pages }: Choices): void {
  const { t } = useTranslation(['pages', 'controls']);
  const navigate = useNavigate();
  const notify = useNotify();
  const chosen = useCell(editor.selection);
  const always = useMemo<Command[]>(() => {
    const adding = [...editor.controls.values()]
      .filter((control) => !rootTypes.includes(control.type))
      .map((control): Command => {
        const title = t(control.title);
        return { id: `page add ${control.type}`, title: t('do.addOne', { title }), group: t('commands'), run: () => editor.addNew({ control, title }) };
      });
    const devices = (['desktop', 'tablet', 'phone'] as const).map(
      (one): Command => ({ id: `page ${one}`, title: t('do.preview', { device: t(`device.${one}`) }), group: t('commands'), run: () => device(one) }),
    );
    const going = pages.map(
      (page): Command => ({ id: `page go ${page.id}`, title: t('do.goTo', { title: page.title }), group: t('commands'), run: () => void navigate(`../pages/${page.id}`) }),
    );
    return [...adding, ...devices, ...going];
  }, [editor, device, pages, t, navigate]);
  const chosenOnly = useMemo<Command[]>(() => {
    if (chosen === undefined || chosen === editor.document.root) return [];
    const copy = () => {
      const text = editor.copy(chosen);
      if (text === undefined) return;
      navigator.clipboard.writeText(text).catch(() => notify({ severity: 'error', text: t('copyFailed') }));
    };
    const one = (id: string, key: string, shortcut: string, run: () => void): Command => ({ id: `page ${id}`, title: t(key), group: t('commands'), shortcut, run });
    return [
      one('duplicate', 'do.duplicateShort', 'Ctrl D', () => editor.duplicate(chosen)),
      one('remove', 'do.removeShort', 'Del', () => editor.remove(chosen)),
      one('copy', 'do.copyShort', 'Ctrl C', copy),
      one('up', 'do.up', 'Alt ↑', () => editor.shift(chosen, -1)),
      one('down', 'do.down', 'Alt ↓', () => editor.shift(chosen, 1)),
    ];
  }, [editor, chosen, t, notify]);
  useCommands(always);
  useCommands(chosenOnly);
}
