import { expect, it } from 'vitest';
import { homePages } from './home';

const page = (id: string, type = 'page') => ({ id, title: id, document: { root: 'r', nodes: { r: { type, name: 'r', props: {}, slots: {} } } } });
const ids = (component: Parameters<typeof homePages>[0]) => homePages(component).pages.map(({ id }) => id);

it('opens at the first page that is no modal', () => {
  expect(homePages({ id: 'c', pages: [page('ask', 'modal'), page('all'), page('one')] }).first?.id).toBe('all');
  expect(homePages({ id: 'c', pages: [page('ask', 'modal')] }).first).toBeUndefined();
  expect(homePages({ id: 'c' }).first).toBeUndefined();
});

it('offers modals only when one is chosen', () => {
  const pages = [page('ask', 'modal'), page('all'), { id: 'empty' }];
  expect(ids({ id: 'c', pages })).toEqual(['all', 'empty']);
  expect(ids({ id: 'c', pages, settings: { homePage: 'ask' } })).toEqual(['ask', 'all', 'empty']);
});
