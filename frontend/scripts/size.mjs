// Fails the build when the first load is too large: everything that the sign-in page and the shell need before they can be drawn.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const limit = 300_000;
const folder = process.env.AQTRA_WEB_DIST ?? fileURLToPath(new URL('../../services/gateway/internal/web/dist', import.meta.url));
const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8'));

/** What is loaded whatever the page, and the pages that people come in by. */
const always = ['index.html', 'src/app/locales/en.json', 'src/ui/locales/en.json'];
const pages = {
  'signing in': ['src/features/session/SignIn.tsx', 'src/features/session/locales/en.json'],
  home: ['src/app/shell/Shell.tsx', 'src/features/home/Home.tsx', 'src/features/home/locales/en.json'],
};

function filesOf(entries) {
  const files = new Set();
  const visit = (name) => {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`${name} is not in the manifest`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const other of chunk.imports ?? []) visit(other);
  };
  entries.forEach(visit);
  // Browsers fetch of a font only the part for the letters on the page.
  const font = Object.values(manifest).flatMap((chunk) => chunk.assets ?? []).find((asset) => asset.includes('inter-latin-wght-normal'));
  if (font === undefined) throw new Error('the font is not in the manifest');
  return files.add(font);
}

const sizeOf = (file) => {
  try {
    return statSync(join(folder, `${file}.gz`)).size;
  } catch {
    return statSync(join(folder, file)).size;
  }
};
let failed = false;
for (const [page, entries] of Object.entries(pages)) {
  const files = [...filesOf([...always, ...entries])].sort((a, b) => sizeOf(b) - sizeOf(a));
  const total = files.reduce((sum, file) => sum + sizeOf(file), 0);
  console.log(`first load, ${page}: ${(total / 1000).toFixed(1)} kB gz in ${files.length} files (at most ${limit / 1000})`);
  if (total <= limit) continue;
  failed = true;
  for (const file of files) console.log(`${(sizeOf(file) / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
if (failed) {
  console.error('the first load is too large');
  process.exit(1);
}
