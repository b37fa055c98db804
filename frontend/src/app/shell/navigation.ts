import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useSession } from '@/api/session';
import { type Command, useCommands } from '@/ui/commands';
import type { NavItem } from '@/ui/feature';
import { features } from '../features';

/** The places that the session may go to, in order. */
export function useNavItems(): readonly NavItem[] {
  const session = useSession();
  return useMemo(
    () =>
      features
        .flatMap((feature) => feature.nav ?? [])
        .filter((item) => item.allowed?.(session) ?? true)
        .sort((a, b) => a.order - b.order),
    [session],
  );
}

/** Offers every place to the palette. */
export function useNavCommands(): void {
  const items = useNavItems();
  const { t } = useTranslation(['app', ...features.map((feature) => feature.name)]);
  const navigate = useNavigate();
  const commands = useMemo<Command[]>(
    () => items.map(({ to, label }) => ({ id: `go ${to}`, title: t(label), group: t('app:goTo'), run: () => void navigate(to) })),
    [items, t, navigate],
  );
  useCommands(commands);
}
