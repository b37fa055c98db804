import { castDraft, isDraft, original } from 'immer';
import { changePart, type Command, type Part } from '@/draft';
import type { PageDocument, PageNode } from '@/renderer/document';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { readPage } from './read';

/** Edit is a pure function of a page's document; it gives the same object back when there is nothing to do. */
export type Edit = (document: PageDocument) => PageDocument;

/** Makes a step of undo of an edit. The label is a key of our texts. */
export function pageCommand(page: string, what: string, name: string, edit: Edit, mergeKey?: string): Command {
  return changePart(
    'pages',
    page,
    (part) => {
      // The page as it is, not immer's view of it: nodes that the edit leaves alone must stay the same objects.
      const before: Part<'pages'> = isDraft(part) ? original(castDraft(part)) : part;
      const read = readPage(before.document);
      const after = edit(read);
      if (after !== read) part.document = asJson(after);
    },
    { label: `pages:do.${what}`, values: { name }, ...(mergeKey !== undefined && { mergeKey: `pages/${page}/${mergeKey}` }) },
  );
}

/** Puts another document in the place of one that cannot be read. */
export function replaceDocument(page: string, document: PageDocument): Command {
  return changePart('pages', page, (part) => void (part.document = asJson(document)), { label: 'pages:do.replace', values: { name: page } });
}

/** The document as the wire has it, with the same nodes. */
export function asJson({ root, nodes }: PageDocument): Json {
  const members = Object.entries(nodes).filter((member): member is [string, PageNode & JsonObject] => isObject(member[1]));
  return { root, nodes: Object.fromEntries(members) };
}
