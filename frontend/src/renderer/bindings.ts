import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { isObject, type Json, type JsonObject } from '@/values/json';
import type { Evaluation, Evaluator } from './host';

/** The expression of a bound setting {"$expr": "CEL"}, or undefined. */
export function expressionOf(setting: Json | undefined): string | undefined {
  return isObject(setting) && typeof setting.$expr === 'string' && Object.keys(setting).length === 1 ? setting.$expr : undefined;
}

/** The expressions in settings at any depth, each once; settings that `deferred` names are left alone. */
export function expressionsIn(props: JsonObject, deferred: (name: string) => boolean): readonly string[] {
  const found = new Set<string>();
  const visit = (setting: Json | undefined): void => {
    const text = expressionOf(setting);
    if (text !== undefined) found.add(text);
    else if (Array.isArray(setting)) setting.forEach(visit);
    else if (isObject(setting)) Object.values(setting).forEach(visit);
  };
  for (const [name, setting] of Object.entries(props)) if (!deferred(name)) visit(setting);
  return [...found];
}

/** Puts values in the place of expressions. Settings without any are kept as they are. */
export function substitute(props: JsonObject, deferred: (name: string) => boolean, valueOf: (text: string) => unknown): Record<string, unknown> {
  const replace = (setting: Json | undefined): unknown => {
    const text = expressionOf(setting);
    if (text !== undefined) return valueOf(text);
    if (Array.isArray(setting)) return setting.map(replace);
    if (isObject(setting)) return Object.fromEntries(Object.entries(setting).map(([name, member]) => [name, replace(member)]));
    return setting;
  };
  return Object.fromEntries(Object.entries(props).map(([name, setting]) => [name, deferred(name) ? setting : replace(setting)]));
}

/** Resolved is a node's settings with expressions evaluated, or why one of them could not be. */
export type Resolved = { ok: true; props: Record<string, unknown> } | { ok: false; expression: string; problem: string };

/** Evaluates a node's settings, and again when one of the expressions changes its value. */
export function useResolved(props: JsonObject, deferred: (name: string) => boolean, evaluator: Evaluator): Resolved {
  const texts = useMemo(() => expressionsIn(props, deferred), [props, deferred]);
  const last = useRef<readonly Evaluation[]>([]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = texts.map((text) => evaluator.subscribe(text, listener));
      return () => ends.forEach((end) => end());
    },
    [texts, evaluator],
  );
  // The list is the same object until a value differs, as React demands of a snapshot.
  const snapshot = useCallback(() => {
    const now = texts.map((text) => evaluator.evaluate(text));
    if (now.length !== last.current.length || now.some((one, i) => !same(one, last.current[i]))) last.current = now;
    return last.current;
  }, [texts, evaluator]);
  const evaluations = useSyncExternalStore(subscribe, snapshot);
  return useMemo(() => {
    const values = new Map<string, unknown>();
    for (const [i, text] of texts.entries()) {
      const one = evaluations[i];
      if (one === undefined || !one.ok) return { ok: false, expression: text, problem: one?.problem ?? '' };
      values.set(text, one.value);
    }
    return { ok: true, props: substitute(props, deferred, (text) => values.get(text)) };
  }, [props, deferred, texts, evaluations]);
}

function same(a: Evaluation, b: Evaluation | undefined): boolean {
  if (b === undefined) return false;
  return a.ok ? b.ok && Object.is(a.value, b.value) : !b.ok && a.problem === b.problem;
}
