import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Field } from '@/api';
import { answering, show } from '../input/testing';
import { control } from '.';

const scan: Field = { name: 'scan', title: 'Scan', type: 'FIELD_TYPE_FILE', file: { acceptedTypes: ['application/pdf', 'image/*'], maxBytes: '1000' } };

/** Stands for the browser's way to send; a test decides how far it comes. */
class Sending {
  static all: Sending[] = [];
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  status = 0;
  responseText = '';
  url = '';
  headers: Record<string, string> = {};
  body: unknown;
  constructor() {
    Sending.all.push(this);
  }
  open(method: string, url: string) {
    this.url = `${method} ${url}`;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getResponseHeader() {
    return null;
  }
  send(body: unknown) {
    this.body = body;
  }
  abort() {
    this.onabort?.();
  }
  answer(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

beforeEach(() => {
  Sending.all = [];
  vi.stubGlobal('XMLHttpRequest', Sending);
  vi.stubGlobal('fetch', vi.fn(answering(() => ({ id: 'f1', name: 'scan.pdf', size: '1234567' }))));
});
afterEach(() => vi.unstubAllGlobals());

const pdf = (size = 10) => new File(['x'.repeat(size)], 'Müller & Co.pdf', { type: 'application/pdf' });

async function choose(container: HTMLElement, file: File) {
  const input = container.querySelector('input');
  if (input === null) throw new Error('no input');
  await userEvent.upload(input, file, { applyAccept: false });
}

it('sends a file, tells how far it is, and sets its id', async () => {
  const { container, sent } = await show({ controls: [control], fields: [scan] });
  expect(screen.getByText('application/pdf, image/* · up to 1 kB')).toBeTruthy();
  await choose(container, pdf());
  const [sending] = Sending.all;
  expect(sending?.url).toBe('POST /v1/files:upload?name=M%C3%BCller%20%26%20Co.pdf');
  expect(sending?.headers['Content-Type']).toBe('application/pdf');
  expect(sending?.body).toBeInstanceOf(File);
  act(() => sending?.upload.onprogress?.({ loaded: 5, total: 10 }));
  expect(screen.getByRole('progressbar', { name: 'Sending Müller & Co.pdf' }).getAttribute('aria-valuenow')).toBe('50');
  expect(sent()).toEqual({ scan: { unread: 'Müller & Co.pdf' } });
  await act(async () => sending?.answer(200, { id: 'f1' }));
  expect(sent()).toEqual({ scan: 'f1' });
  const link = await screen.findByRole('link', { name: 'scan.pdf' });
  expect(link.getAttribute('href')).toBe('/v1/files/f1:download');
  expect(screen.getByText('1.2 MB')).toBeTruthy();
});

it.each([
  ['Müller & Co.pdf: The file is too large: at most 1 kB are allowed.', () => pdf(1001)],
  [
    'run.exe: Files of this type are not accepted. Expected: application/pdf, image/*.',
    () => new File(['x'], 'run.exe', { type: 'application/x-msdownload' }),
  ],
  ['Müller & Co.pdf: The file is empty.', () => pdf(0)],
])('refuses before sending: %s', async (message, file) => {
  const { container, sent } = await show({ controls: [control], fields: [scan] });
  await choose(container, file());
  expect(screen.getByRole('alert').textContent).toBe(message);
  expect([Sending.all, sent()]).toEqual([[], {}]);
});

it('takes CSV for what it is, whatever the system calls it', async () => {
  const { container } = await show({ controls: [control], fields: [{ ...scan, file: { acceptedTypes: ['text/csv'] } }] });
  await choose(container, new File(['a;b'], 'Rows.CSV', { type: 'application/vnd.ms-excel' }));
  expect(Sending.all[0]?.headers['Content-Type']).toBe('text/csv');
});

it('says why the server refused and keeps the file before', async () => {
  const { container, sent } = await show({ controls: [control], fields: [scan], entry: { scan: 'f1' } });
  await choose(container, pdf());
  await act(async () => Sending.all[0]?.answer(400, { error: { reason: 'UNSUPPORTED_MEDIA_TYPE', message: 'this is no PDF' } }));
  expect(screen.getByRole('alert').textContent).toBe('Müller & Co.pdf: this is no PDF');
  expect(sent()).toEqual({ scan: 'f1' });
});

it('says that the network is away', async () => {
  const { container } = await show({ controls: [control], fields: [scan], language: 'de' });
  await choose(container, pdf());
  await act(async () => Sending.all[0]?.onerror?.());
  expect(screen.getByRole('alert').textContent).toContain('Die Datei konnte nicht gesendet werden.');
});

it('can be stopped without a complaint', async () => {
  const { container, sent } = await show({ controls: [control], fields: [scan] });
  await choose(container, pdf());
  await userEvent.click(screen.getByRole('button', { name: 'Stop sending' }));
  expect(await screen.findByRole('button', { name: 'Choose a file' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(sent()).toEqual({ scan: null });
});

it('takes what is dropped, and removes it', async () => {
  const { sent } = await show({ controls: [control], fields: [scan] });
  fireEvent.drop(screen.getByRole('group', { name: 'Scan' }), { dataTransfer: { files: [pdf()] } });
  await act(async () => Sending.all[0]?.answer(200, { id: 'f1' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Remove the file' }));
  expect(sent()).toEqual({ scan: null });
});

it.each([{ disabled: true }, { readOnly: true }])('with %j it can only be fetched', async (props) => {
  await show({ controls: [control], fields: [scan], entry: { scan: 'f1' }, props });
  expect(await screen.findByRole('link', { name: 'scan.pdf' })).toBeTruthy();
  fireEvent.drop(screen.getByRole('group', { name: 'Scan' }), { dataTransfer: { files: [pdf()] } });
  expect(screen.queryByRole('button')).toBeNull();
  expect(Sending.all).toEqual([]);
});
