import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

/** Command is something that the palette (Ctrl K) can do. */
export interface Command {
  /** Unique among those that are there at the same time. */
  id: string;
  title: string;
  /** Heading, such as "Go to". */
  group: string;
  /** Further words that find it. */
  keywords?: string;
  /** Keys that do the same, shown beside it. */
  shortcut?: string;
  run: () => void;
}

/** CommandRegistry holds the commands of all that is on the screen. */
export class CommandRegistry {
  private readonly sources = new Map<symbol, readonly Command[]>();
  private all: readonly Command[] = [];
  private readonly listeners = new Set<() => void>();

  /** Offers commands until what it returns is called. */
  offer(commands: readonly Command[]): () => void {
    const source = Symbol('commands');
    this.sources.set(source, commands);
    this.changed();
    return () => {
      this.sources.delete(source);
      this.changed();
    };
  }

  readonly list = (): readonly Command[] => this.all;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private changed(): void {
    this.all = [...this.sources.values()].flat();
    this.listeners.forEach((wake) => wake());
  }
}

const Context = createContext<CommandRegistry | undefined>(undefined);

export function CommandsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => new CommandRegistry());
  return <Context.Provider value={registry}>{children}</Context.Provider>;
}

function useRegistry(): CommandRegistry {
  const registry = useContext(Context);
  if (registry === undefined) throw new Error('commands outside of a CommandsProvider');
  return registry;
}

/** Offers commands as long as the component is on the screen. The list must be the same object while it says the same (useMemo). */
export function useCommands(commands: readonly Command[]): void {
  const registry = useRegistry();
  useEffect(() => registry.offer(commands), [registry, commands]);
}

/** All commands there are now. */
export function useAllCommands(): readonly Command[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.list);
}

/** The commands that the words find, best first: those whose title begins with what was typed, then those that contain every word. */
export function search(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (command: Command): number => {
    const title = command.title.toLowerCase();
    const text = `${title} ${command.group.toLowerCase()} ${command.keywords?.toLowerCase() ?? ''}`;
    if (!words.every((word) => text.includes(word))) return -1;
    if (title.startsWith(words[0] ?? '')) return 2;
    return words.every((word) => title.includes(word)) ? 1 : 0;
  };
  return commands
    .map((command) => ({ command, rank: rank(command) }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => b.rank - a.rank)
    .map((one) => one.command);
}

/** The commands that words find, while they are typed. */
export function useCommandSearch(typed: string): readonly Command[] {
  const commands = useAllCommands();
  return useMemo(() => search(commands, typed), [commands, typed]);
}
