// Writes src/api/generated.ts from the OpenAPI document that the gateway serves.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateEndpoints } from '@rtk-query/codegen-openapi';

const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const target = here('../src/api/generated.ts');

// Streams and files do not go through the cache of queries.
const outside = new Set(['Publications_WatchPublication', 'Files_UploadFile', 'Files_DownloadFile']);

const document = JSON.parse(readFileSync(here('../../services/gateway/internal/edge/openapi.json'), 'utf8'));

/** Gives every schema its last part, aqtra.library.v1.Component becomes Component, with the package before it where two would meet. */
function shortNames(names) {
  const last = (name) => name.split('.').at(-1);
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  return new Map(
    names.map((name) => {
      const alone = names.filter((other) => last(other) === last(name)).length === 1;
      return [name, alone ? last(name) : capital(name.split('.').at(-3)) + last(name)];
    }),
  );
}

const schemas = shortNames(Object.keys(document.components.schemas));
const prefix = '#/components/schemas/';
const rename = (node) => {
  if (Array.isArray(node)) return node.map(rename);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === '$ref' && typeof value === 'string' && value.startsWith(prefix)) {
        return [key, prefix + schemas.get(value.slice(prefix.length))];
      }
      return [key, rename(value)];
    }),
  );
};
const renamed = rename(document);
renamed.components.schemas = Object.fromEntries(
  Object.entries(renamed.components.schemas).map(([name, schema]) => [schemas.get(name), schema]),
);

const operations = [];
for (const path of Object.values(renamed.paths)) {
  for (const [verb, operation] of Object.entries(path)) {
    if (outside.has(operation.operationId)) delete path[verb];
    else operations.push(operation);
  }
}
for (const operation of operations) operation.operationId = operation.operationId.replace(/^[^_]*_/, '');
const twice = operations.map((o) => o.operationId).filter((id, i, all) => all.indexOf(id) !== i);
if (twice.length > 0) throw new Error(`operations with one name: ${twice.join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'aqtra-gen-'));
try {
  const schemaFile = join(folder, 'openapi.json');
  writeFileSync(schemaFile, JSON.stringify(renamed));
  const text = await generateEndpoints({
    schemaFile,
    apiFile: './base',
    apiImport: 'baseApi',
    exportName: 'generatedApi',
    hooks: false,
    tag: true,
    useUnknown: true,
    flattenArg: false,
    unionUndefined: true,
    encodePathParams: true,
    encodeQueryParams: false,
  });
  // A typed value is plain JSON in an answer; src/values gives it its type.
  const value = /export type Value = unknown;\n/;
  if (!value.test(text)) throw new Error('the schema Value is not what it was');
  writeFileSync(
    target,
    '// Generated from services/gateway/internal/edge/openapi.json by `npm run gen`. Do not edit.\n' +
      "import type { Json } from '@/values/json';\n" +
      text.replace(value, 'export type Value = Json;\n'),
  );
} finally {
  rmSync(folder, { recursive: true });
}
