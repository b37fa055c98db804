import { fireEvent, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { show } from '../input/testing';
import { control } from '.';

const photo = { name: 'photo', type: 'FIELD_TYPE_FILE' } as const;
const site = { name: 'site', type: 'FIELD_TYPE_URI' } as const;

it('shows a stored file', async () => {
  await show({ controls: [control], fields: [photo], entry: { photo: 'a/b' }, props: { alt: 'Front' } });
  expect(screen.getByRole('img', { name: 'Front' }).getAttribute('src')).toBe('/v1/files/a%2Fb:download');
});

it('shows a fixed file', async () => {
  await show({ controls: [control], props: { file: 'logo', alt: 'Logo' } });
  expect(screen.getByRole('img', { name: 'Logo' }).getAttribute('src')).toBe('/v1/files/logo:download');
});

it('says that there is none, or that it cannot be shown', async () => {
  const { unmount } = await show({ controls: [control], fields: [photo], props: { alt: 'Front' } });
  expect(screen.getByRole('img', { name: 'Front: No image' })).toBeTruthy();
  unmount();
  await show({ controls: [control], fields: [photo], entry: { photo: 'f1' } });
  fireEvent.error(document.querySelector('img') as HTMLImageElement);
  expect(screen.getByRole('img', { name: 'The image cannot be shown' })).toBeTruthy();
});

it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.test/x.png', '/v1/session'])('loads nothing from %s', async (text) => {
  const { form, container } = await show({ controls: [control], fields: [site] });
  form.write('site', text);
  expect(container.querySelector('img')).toBeNull();
});
