import type { Component } from '@/api';
import { addPart, type Command, isModal, nameFrom, type Part, partsOf } from '@/draft';
import { asJson } from './commands';
import { emptyPage } from './read';

/** A new page with an id made of its title. The root is "page" or "modal". */
export function newPage(component: Component, title: string, root: string): Part<'pages'> {
  const taken = partsOf(component, 'pages').map((page) => page.id ?? '');
  return { id: nameFrom(title, taken, 'page', 60), title, document: asJson(emptyPage(root, title)) };
}

/** Adds a page; the first one opens first, unless others open it over themselves. */
export function addPage(page: Part<'pages'>): Command {
  const add = addPart('pages', page);
  return {
    ...add,
    apply: (component) => {
      const isFirst = partsOf(component, 'pages').length === 0 && !isModal(page);
      add.apply(component);
      if (isFirst) setHome(component, page.id ?? '');
    },
  };
}

/** Says which page opens first; empty leaves it to the order. */
export function chooseHome(page: string): Command {
  return { label: 'pages:do.home', values: { name: page }, apply: (component) => setHome(component, page) };
}

function setHome(component: Component, page: string): void {
  component.settings = { ...component.settings, homePage: page === '' ? undefined : page };
}

/** Copies a page under another title. */
export function copyOf(component: Component, page: Part<'pages'>, title: string): Part<'pages'> {
  return { ...newPage(component, title, 'page'), roles: page.roles, document: page.document };
}
