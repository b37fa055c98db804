import type { Page } from 'playwright-core';

/** One thing to look at. Paths and data say when it is there, so that it is found in every language. */
export interface Screen {
  name: string;
  path: string;
  /** What must be seen before it is looked at. */
  sees: string;
  /** What is done on it then; `say` gives a text of the language that the screen is in. */
  then?: (page: Page, say: Say) => Promise<void>;
  /** It is for phones too, and nothing on it is wider than one. */
  phone?: true;
  /** Only for pictures: another test looks at it, or it is much like another one. */
  extra?: true;
}

export type Say = (english: string, german: string) => string;

const heading = 'h1';
const invoice = '[role=gridcell]:has-text("INV-2026-001")';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Where apps are made. */
export const studio: readonly Screen[] = [
  { name: 'home', path: '/', sees: 'article >> nth=1' },
  { name: 'components', path: '/studio', sees: 'a[href="/studio/car_fleet"]' },
  {
    name: 'new-component', path: '/studio', sees: 'a[href="/studio/car_fleet"]', extra: true,
    then: async (page, say) => {
      await button(page, say('New component', 'Neue Komponente')).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'overview', path: '/studio/car_fleet', sees: 'input[value="Car Fleet"]' },
  { name: 'model', path: '/studio/invoice/model', sees: 'text=InvoiceState', extra: true },
  {
    name: 'model-field', path: '/studio/invoice/model', sees: 'text=InvoiceState',
    then: async (page) => {
      await page.getByText('InvoiceState', { exact: true }).click();
      await page.locator('input[value="Under Review"]').waitFor();
    },
  },
  {
    name: 'add-field', path: '/studio/invoice/model', sees: 'text=InvoiceState', extra: true,
    then: async (page, say) => {
      await button(page, say('Add field', 'Feld hinzufügen')).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'pages', path: '/studio/car_fleet/pages', sees: 'text=Appoint a manager' },
  { name: 'page', path: '/studio/invoice/pages/all_invoices', sees: invoice, extra: true },
  { name: 'page-grid', path: '/studio/invoice/pages/all_invoices?at=nodes/grid', sees: invoice },
  { name: 'page-button', path: '/studio/invoice/pages/add_view_invoice?at=nodes/save', sees: 'button:has-text("Back to all invoices")', extra: true },
  {
    name: 'page-outline', path: '/studio/invoice/pages/add_view_invoice?at=nodes/due', sees: 'button:has-text("Back to all invoices")',
    then: async (page) => {
      await page.locator('#page-outline-tab').click();
      await page.getByRole('tree').waitFor();
    },
  },
  { name: 'page-formula', path: '/studio/car_fleet/pages/enter_contract?at=nodes/car', sees: '.cm-content' },
  {
    name: 'page-phone', path: '/studio/invoice/pages/add_view_invoice', sees: 'button:has-text("Back to all invoices")', extra: true,
    then: (page, say) => button(page, say('Phone', 'Telefon')).click(),
  },
  { name: 'dataflows', path: '/studio/car_fleet/dataflows', sees: 'a:has-text("Load cars from a file")' },
  { name: 'dataflow', path: '/studio/car_fleet/dataflows/import_cars', sees: '.react-flow__node >> nth=3', extra: true },
  {
    name: 'dataflow-step', path: '/studio/invoice/dataflows/save', sees: '.react-flow__node >> nth=1',
    then: async (page) => {
      await page.locator('.react-flow__node').nth(1).getByRole('button').first().click();
      await page.locator('.cm-content').first().waitFor();
    },
  },
  {
    name: 'dataflow-test', path: '/studio/invoice/dataflows/save', sees: '.react-flow__node >> nth=1',
    then: async (page, say) => {
      await button(page, 'Test').click();
      const input = page.getByRole('textbox', { name: say('Input', 'Eingabe') });
      await input.fill('{"InvoiceNumber": "INV-9", "InvoiceName": "Chairs", "InvoiceTotalValue": "12.5", "InvoiceState": 0}');
      await button(page, say('Run test', 'Testen')).click();
      await page.getByText('open-page').or(page.getByText('INV-9')).nth(1).waitFor();
    },
  },
  { name: 'workflows', path: '/studio/invoice/workflows', sees: 'a:has-text("Approve an invoice")', extra: true },
  {
    name: 'workflow', path: '/studio/invoice/workflows/approval', sees: 'text="ask"',
    then: (page) => page.getByText('ask', { exact: true }).first().click(),
  },
  {
    name: 'workflow-run', path: '/studio/invoice/workflows/approval', sees: 'text="ask"',
    then: async (page, say) => {
      await button(page, say('Start', 'Starten')).first().click();
      await page.getByRole('table').waitFor();
    },
  },
  { name: 'scripts', path: '/studio/invoice/scripts', sees: 'a[href$="/scripts/due_summary"]', extra: true },
  {
    name: 'script', path: '/studio/invoice/scripts/due_summary', sees: '.cm-content',
    then: async (page, say) => {
      await button(page, 'Test').click();
      await page.getByRole('textbox', { name: say('Input', 'Eingabe') }).fill('{"due": "2026-12-24T12:00:00Z"}');
      await button(page, say('Run test', 'Testen')).click();
      await page.getByText(/due in|overdue by/).last().waitFor();
    },
  },
  { name: 'data', path: '/studio/invoice/data', sees: invoice },
  {
    name: 'data-entry', path: '/studio/invoice/data', sees: invoice,
    then: async (page) => {
      await page.getByRole('gridcell', { name: 'INV-2026-001' }).click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
    },
  },
  { name: 'problems', path: '/studio/broken/problems', sees: 'text=nothing_here' },
  { name: 'no-problems', path: '/studio/invoice/problems', sees: heading, extra: true },
  { name: 'plan', path: '/studio/waiting/publish', sees: 'text=/CREATE TABLE/' },
  { name: 'publications', path: '/publications', sees: 'table >> nth=1' },
  {
    name: 'publication', path: '/publications', sees: 'table >> nth=1', extra: true,
    then: async (page) => {
      await page.locator('tbody a').first().click();
      await page.waitForURL('**/publications/*');
      await page.getByText('tour', { exact: true }).first().waitFor();
    },
  },
  { name: 'files', path: '/files', sees: 'text=invoices.csv', phone: true },
  { name: 'users', path: '/access/users', sees: 'text=ada@example.com' },
  { name: 'roles', path: '/access/roles', sees: 'article:has-text("Accountant")' },
  { name: 'keys', path: '/access/keys', sees: heading },
  {
    name: 'new-key', path: '/access/keys', sees: heading,
    then: async (page, say) => {
      await button(page, say('New API key', 'Neuer API-Schlüssel')).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'palette', path: '/studio/invoice/model', sees: 'text=InvoiceState',
    then: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').waitFor();
    },
  },
];

/** Where they are used. */
export const work: readonly Screen[] = [
  { name: 'apps', path: '/work', sees: 'text=All Invoices', phone: true },
  { name: 'grid', path: '/work/invoice/all_invoices', sees: invoice, phone: true },
  { name: 'form', path: '/work/invoice/add_view_invoice', sees: 'button:has-text("Save")', phone: true },
  {
    name: 'form-refused', path: '/work/invoice/add_view_invoice', sees: 'button:has-text("Save")', phone: true,
    then: async (page) => {
      await button(page, 'Save').click();
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
  },
  { name: 'controls', path: '/work/tour/controls', sees: 'text=Everything', phone: true },
  {
    name: 'modal', path: '/work/car_fleet/main', sees: '[role=gridcell]:has-text("VIN000003")', phone: true,
    then: async (page) => {
      await page.getByRole('gridcell', { name: 'VIN000003' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Appoint' }).waitFor();
    },
  },
  {
    name: 'sidebar', path: '/work/tour/beside', sees: invoice, phone: true,
    then: async (page) => {
      await page.getByRole('gridcell', { name: 'INV-2026-001' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).waitFor();
    },
  },
  { name: 'tasks', path: '/work/tasks', sees: 'a:has-text("Approve invoice INV-2026-007")', phone: true },
  {
    name: 'task', path: '/work/tasks', sees: 'a:has-text("Sell car VIN000001")', phone: true,
    then: async (page) => {
      await page.getByRole('link', { name: /Sell car VIN000001/ }).click();
      await button(page, 'Yes, sell it').waitFor();
    },
  },
  {
    name: 'task-page', path: '/work/tasks', sees: 'a:has-text("Approve invoice INV-2026-007")', phone: true,
    then: async (page) => {
      await page.getByRole('link', { name: /Approve invoice INV-2026-007/ }).click();
      await page.locator('input[value="INV-2026-007"]').waitFor();
    },
  },
  { name: 'runs', path: '/work/runs', sees: 'tbody a', phone: true },
  {
    name: 'run', path: '/work/runs', sees: 'tbody a', phone: true,
    then: async (page) => {
      await page.locator('tbody a').first().click();
      await page.waitForURL('**run=*');
      await page.locator('section').waitFor();
    },
  },
  { name: 'no-rights', path: '/work/tour/nowhere', sees: '#main', phone: true },
  { name: 'not-found', path: '/nowhere', sees: heading, phone: true },
];

/** What is seen by those who are not signed in. */
export const outside: readonly Screen[] = [
  { name: 'sign-in', path: '/sign-in', sees: 'input[name=password]', phone: true },
  { name: 'sign-up', path: '/sign-up', sees: heading, phone: true },
  { name: 'bad-link', path: '/invitation', sees: heading, phone: true },
];
