import { describe, expect, it } from 'vitest';
import type { Component } from '@/api';
import { run } from '@/draft';
import { addPage, chooseHome, copyOf, newPage } from './pages';
import { readPage } from './read';

const component: Component = { id: 'invoice', pages: [{ id: 'all', title: 'All', roles: ['clerk'], document: { root: 'x', nodes: {} } }] };

describe('pages', () => {
  it('get an id of their title and an empty document', () => {
    const page = newPage(component, 'All', 'modal');
    expect(page).toMatchObject({ id: 'all_2', title: 'All' });
    expect(readPage(page.document).nodes.page).toMatchObject({ type: 'modal', props: { title: 'All' } });
  });

  it('open first when they are the first', () => {
    const page = newPage({ id: 'c' }, 'Start', 'page');
    expect(run({ id: 'c' }, addPage(page))).toMatchObject({ pages: [{ id: 'start' }], settings: { homePage: 'start' } });
    expect(run(component, addPage(page)).settings?.homePage).toBeUndefined();
    expect(run({ id: 'c' }, addPage(newPage({ id: 'c' }, 'Ask', 'modal'))).settings?.homePage).toBeUndefined();
  });

  it('are chosen to open first', () => {
    const chosen = run(component, chooseHome('all'));
    expect(chosen.settings?.homePage).toBe('all');
    expect(run(chosen, chooseHome('')).settings?.homePage).toBeUndefined();
  });

  it('are copied with their roles and document', () => {
    const [page] = component.pages ?? [];
    if (page === undefined) throw new Error('no page');
    expect(copyOf(component, page, 'All of them')).toEqual({ ...page, id: 'all_of_them', title: 'All of them' });
  });
});
