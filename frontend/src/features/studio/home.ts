import type { Component } from '@/api';
import { isModal, type Part } from '@/draft';

/** The pages that a component may open at, the chosen one among them, and the one that it opens at when none is chosen. */
export function homePages({ pages = [], settings }: Component): { pages: readonly Part<'pages'>[]; first: Part<'pages'> | undefined } {
  const own = pages.filter((page) => !isModal(page));
  return { pages: pages.filter((page) => own.includes(page) || page.id === settings?.homePage), first: own[0] };
}
