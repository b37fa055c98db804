import { render, screen, within } from '@testing-library/react';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { MemoryRouter } from 'react-router';
import { expect, it } from 'vitest';
import type { PublicationPlan } from '@/api';
import { Impact } from './Impact';
import de from './locales/de.json';
import en from './locales/en.json';
import { ruleRows } from './state';

async function show(plan: PublicationPlan, lng = 'en') {
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({ lng, resources: { en: { publish: en }, de: { publish: de } }, interpolation: { escapeValue: false } });
  return render(
    <I18nextProvider i18n={texts}>
      <MemoryRouter>
        <Impact plan={plan} />
      </MemoryRouter>
    </I18nextProvider>,
  );
}

it('leaves out what there is nothing to say about', async () => {
  const { container } = await show({ publishable: true, affected: [], ruleTests: [] });
  expect(container.textContent).toBe('');
});

it('tells which parts use what changes, and which break', async () => {
  await show({
    affected: [
      { component: 'car', kind: 'page', id: 'main', title: 'Cars', reasons: ['uses price of Car, which becomes text instead of number'], broken: false },
      { component: 'car', kind: 'trigger', id: 'expensive', title: '', reasons: ['unknown field `price`', 'another'], broken: true },
    ],
  });
  const [page, trigger] = within(screen.getByRole('list', { name: en.impact.affected })).getAllByRole('listitem');
  expect(page?.textContent).toBe('Page Cars · caruses price of Car, which becomes text instead of number');
  expect(trigger?.textContent).toBe('Trigger expensive · carunknown field `price`; another' + en.impact.broken);
});

it('tells who may do more and what callers of the API notice', async () => {
  await show({
    permissionChanges: [
      { text: 'Role clerk may now delete entries of Car', more: true },
      { text: 'Role boss may no longer read entries of Car', more: false, less: true },
      { text: 'Role boss may now update entries of Car where a, no longer where b', more: false, less: false },
    ],
    apiChanges: [
      { path: '/v1/components/car/entries', text: 'the field note is gone', breaking: true },
      { path: '/v1/components/car/entries', text: 'the field seats is new', breaking: false },
    ],
  });
  const texts = (name: string) => within(screen.getByRole('list', { name })).getAllByRole('listitem').map((one) => one.textContent);
  expect(texts(en.impact.permissions)).toEqual(['Role clerk may now delete entries of Car' + en.impact.more, 'Role boss may no longer read entries of Car' + en.impact.less, 'Role boss may now update entries of Car where a, no longer where b' + en.impact.other]);
  expect(texts(en.impact.api)).toEqual(['the field note is gone/v1/components/car/entries' + en.impact.breaking, 'the field seats is new/v1/components/car/entries']);
});

const tests = [
  { component: 'car', role: 'dealer', operation: 'OPERATION_READ' as const, entries: '40', now: '12', next: '40', note: '' },
  { component: 'car', role: 'dealer', operation: 'OPERATION_DELETE' as const, entries: '40', now: '0', next: '0', note: '' },
  { component: 'car', role: 'clerk', operation: 'OPERATION_UPDATE' as const, note: 'the rule needs a field that is not in the database yet' },
];

it('shows what each role reaches now and then', async () => {
  await show({ ruleTests: tests }, 'de');
  const rows = within(screen.getByRole('table', { name: de.impact.rules })).getAllByRole('row').slice(1);
  expect(rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent))).toEqual([
    ['car', 'dealer', '12 → 40 von 40', '', '0 von 40'],
    ['car', 'clerk', '', 'neues Feld, nicht gezählt', ''],
  ]);
});

it('tells which runs would go otherwise', async () => {
  const differs = (run: string, text: string) => ({ run, text, step: 'ask', outcome: 'REPLAY_OUTCOME_DIFFERENT' as const });
  await show({
    replays: [
      { component: 'invoice', kind: 'workflow', id: 'approve', title: 'Approve', runs: 20, same: 17, unknown: 0, note: '', examples: [differs('r3', 'it fails'), differs('r2', 'after "check": asks people'), differs('r1', 'after "check": asks people')] },
      { component: 'invoice', kind: 'dataflow', id: 'save', title: '', runs: 4, same: 4, unknown: 0, note: '', examples: [] },
      { component: 'invoice', kind: 'dataflow', id: 'sum', title: '', runs: 0, same: 0, unknown: 0, note: 'it took too long', examples: [] },
      { component: 'invoice', kind: 'dataflow', id: 'never', title: '', runs: 0, same: 0, unknown: 0, note: '', examples: [] },
    ],
  });
  const rows = within(screen.getByRole('list', { name: en.impact.replays })).getAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toEqual([
    'Workflow Approve · invoiceafter "check": asks people (2) · Show a runit fails (1) · Show a run3 of 20 runs differ',
    'Dataflow save · invoiceAs before: 4',
    'Dataflow sum · invoiceit took too longNot replayed',
  ]);
  expect(within(screen.getByRole('list', { name: en.impact.replays })).getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['/work/runs?run=r2', '/work/runs?run=r3']);
});

it('puts the tests of a role into one row', () => {
  expect(ruleRows(tests).map((row) => [row.role, Object.keys(row.byOperation)])).toEqual([
    ['dealer', ['read', 'delete']],
    ['clerk', ['update']],
  ]);
  expect(ruleRows([])).toEqual([]);
});
