import { render, screen } from '@testing-library/react';
import { useMemo } from 'react';
import { expect, it } from 'vitest';
import { type Command, CommandsProvider, search, useAllCommands, useCommands } from './commands';

const command = (id: string, title: string, group = 'Go to', keywords = ''): Command => ({ id, title, group, keywords, run: () => undefined });

it('finds commands by words, the best first', () => {
  const all = [command('a', 'Add a button', 'Control'), command('b', 'Button colour', 'Look'), command('c', 'Theme', 'Look', 'button shape'), command('d', 'Sign out')];
  expect(search(all, 'button').map((c) => c.id)).toEqual(['b', 'a', 'c']);
  expect(search(all, 'BUT add').map((c) => c.id)).toEqual(['a']);
  expect(search(all, '  ').length).toBe(4);
  expect(search(all, 'nothing')).toEqual([]);
});

function Offer({ title }: { title: string }) {
  useCommands(useMemo(() => [command(title, title)], [title]));
  return null;
}

function List() {
  return <p>{useAllCommands().map((c) => c.title).join(', ')}</p>;
}

it('offers the commands of what is on the screen', () => {
  const app = (titles: string[]) => (
    <CommandsProvider>
      {titles.map((title) => (
        <Offer key={title} title={title} />
      ))}
      <List />
    </CommandsProvider>
  );
  const { rerender } = render(app(['Undo', 'Redo']));
  expect(screen.getByText('Undo, Redo')).toBeDefined();
  rerender(app(['Redo']));
  expect(screen.getByText('Redo')).toBeDefined();
});
