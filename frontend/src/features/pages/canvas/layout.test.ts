import { afterEach, expect, it, vi } from 'vitest';
import { page } from '../document/testing';
import { editorOf, fakeControl } from '../testing';
import { elementOf, layoutReader } from './layout';

afterEach(() => vi.restoreAllMocks());

function paperWith(html: string): HTMLElement {
  const paper = document.createElement('div');
  paper.innerHTML = html;
  document.body.replaceChildren(paper);
  return paper;
}

it('finds the element of a node, whatever its id', () => {
  const paper = paperWith('');
  for (const id of ['a', 'a"]', 'back\\slash', 'new\nline', 'ü😀', '']) {
    const element = document.createElement('p');
    element.dataset.node = id;
    paper.append(element);
    expect(elementOf(paper, id)).toBe(element);
  }
  expect(elementOf(paper, 'b')).toBeUndefined();
});

it('looks for elements once, and again when one was drawn anew', () => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(1, 2, 3, 4));
  const paper = paperWith('<div data-node="page"><p data-node="a"></p></div>');
  const looks = vi.spyOn(paper, 'querySelectorAll');
  const { editor } = editorOf(page({ page: { type: 'page', slots: { children: ['a'] } }, a: { type: 'label' } }), [
    fakeControl('page', { slots: ['children'] }),
    fakeControl('label'),
  ]);
  const read = layoutReader(paper, editor);
  const origin = { left: 0, top: 0, right: 3, bottom: 4 }; // the paper is said to be where all else is
  for (let i = 0; i < 3; i++) expect(read().rectOf('a')).toEqual(origin);
  expect(looks).toHaveBeenCalledTimes(1);
  paper.querySelector('p')?.replaceWith(document.createElement('p'));
  expect(read().rectOf('a')).toBeUndefined();
  paper.querySelector('p')?.setAttribute('data-node', 'a');
  expect(read().rectOf('a')).toEqual(origin);
  expect(looks).toHaveBeenCalledTimes(3);
});
