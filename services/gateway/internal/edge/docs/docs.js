'use strict';
// Draws the OpenAPI document of this installation. All text goes in as text, never as HTML.

const verbs = ['get', 'post', 'put', 'patch', 'delete'];

function make(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...children.filter((c) => c !== null && c !== ''));
  return el;
}

function resolve(doc, schema) {
  const seen = new Set();
  while (schema && schema.$ref && !seen.has(schema.$ref)) {
    seen.add(schema.$ref);
    schema = schema.$ref.split('/').slice(1).reduce((at, part) => at && at[part], doc);
  }
  return schema || {};
}

function kindOf(doc, schema) {
  if (!schema) return '';
  if (schema.$ref) {
    const name = schema.$ref.split('.').pop().split('/').pop();
    const target = resolve(doc, schema);
    return target.enum ? 'one of ' + target.enum.join(', ') : name === 'Value' ? 'any JSON' : name;
  }
  if (schema.type === 'array') return 'list of ' + (kindOf(doc, schema.items) || 'anything');
  if (schema.type === 'object' && schema.additionalProperties) return 'map of ' + kindOf(doc, schema.additionalProperties);
  if (schema.enum) return 'one of ' + schema.enum.join(', ');
  return [schema.type, schema.format].filter(Boolean).join(', ') || 'any JSON';
}

// example makes a body that shows the shape; a type inside itself is shown once.
function example(doc, schema, inside = []) {
  const name = schema && schema.$ref;
  if (name && (inside.includes(name) || inside.length > 6)) return {};
  const path = name ? [...inside, name] : inside;
  const s = resolve(doc, schema);
  if (name && name.endsWith('.Value')) return 'any JSON';
  if (s.enum) return s.enum.find((v) => !String(v).endsWith('_UNSPECIFIED')) || s.enum[0];
  if (s.type === 'array') return [example(doc, s.items, path)];
  if (s.type === 'object' || s.properties) {
    const out = {};
    for (const [key, value] of Object.entries(s.properties || {})) out[key] = example(doc, value, path);
    if (s.additionalProperties && typeof s.additionalProperties === 'object') out.name = example(doc, s.additionalProperties, path);
    return out;
  }
  if (s.type === 'integer' || s.type === 'number') return 0;
  if (s.type === 'boolean') return false;
  if (s.format === 'date-time') return '2026-01-31T13:05:00Z';
  if (s.format === 'int64') return '0';
  return s.type === 'string' ? '' : null;
}

function table(heads, rows) {
  return make('table', {},
    make('thead', {}, make('tr', {}, ...heads.map((h) => make('th', { scope: 'col' }, h)))),
    make('tbody', {}, ...rows.map((cells) => make('tr', {}, ...cells.map((c, i) => make('td', i === 1 ? { class: 'kind' } : {}, c))))));
}

function fields(doc, schema) {
  const s = resolve(doc, schema);
  return Object.entries(s.properties || {}).map(([name, value]) =>
    [name, kindOf(doc, value), value.description || (value.$ref ? resolve(doc, value).description || '' : '')]);
}

function curl(doc, verb, path, op) {
  const quote = (s) => "'" + s.replaceAll("'", "'\\''") + "'";
  const query = (op.parameters || []).filter((p) => p.in === 'query' && p.required).map((p) => p.name + '=…').join('&');
  const parts = ['curl'];
  if (verb !== 'get') parts.push('-X ' + verb.toUpperCase());
  if (!op.security || op.security.length) parts.push('-H "Authorization: Bearer $TOKEN"');
  const content = op.requestBody && op.requestBody.content;
  if (content && content['application/json']) {
    parts.push("-H 'Content-Type: application/json'");
    parts.push('-d ' + quote(JSON.stringify(example(doc, content['application/json'].schema))));
  } else if (content) {
    parts.push("-H 'Content-Type: application/octet-stream' --data-binary @file");
  }
  parts.push(quote(location.origin + path + (query ? '?' + query : '')));
  return parts.join(' ');
}

function copyable(text) {
  const button = make('button', { type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select and copy by hand';
    }
  });
  return make('div', { class: 'copy' }, make('pre', { tabindex: '0' }, text), button);
}

function inside(doc, verb, path, op) {
  const box = make('div', { class: 'inside' });
  if (op.description) box.append(make('p', {}, op.description));
  const who = op.security && !op.security.length ? 'Anyone may call this.'
    : op['x-permission'] ? 'Needs the permission ' + op['x-permission'] + '.' : 'Needs somebody who is signed in.';
  box.append(make('p', {}, who));
  if (op.parameters && op.parameters.length) {
    box.append(make('h3', {}, 'Parameters'), table(['Name', 'Type', 'Meaning'], op.parameters.map((p) =>
      [p.name, kindOf(doc, p.schema) + ' in ' + p.in + (p.required ? ', required' : ''), p.description || ''])));
  }
  const json = op.requestBody && op.requestBody.content['application/json'];
  if (json) {
    box.append(make('h3', {}, 'Body'));
    const rows = fields(doc, json.schema);
    if (rows.length) box.append(table(['Field', 'Type', 'Meaning'], rows));
    box.append(make('h3', {}, 'Example'), copyable(JSON.stringify(example(doc, json.schema), null, 2)));
  } else if (op.requestBody) {
    box.append(make('h3', {}, 'Body'), make('p', {}, 'The file itself.'));
  }
  for (const [code, response] of Object.entries(op.responses)) {
    const r = resolve(doc, response);
    box.append(make('h3', {}, code === 'default' ? 'When refused' : 'Answer ' + code), make('p', {}, r.description || ''));
    const kind = Object.keys(r.content || {})[0];
    const schema = kind && r.content[kind].schema;
    const rows = schema && code !== 'default' ? fields(doc, schema) : [];
    if (rows.length) box.append(table(['Field', 'Type', 'Meaning'], rows));
  }
  box.append(make('h3', {}, 'From a terminal'), copyable(curl(doc, verb, path, op)));
  return box;
}

function operation(doc, verb, path, op) {
  const el = make('details', { id: op.operationId },
    make('summary', {}, make('span', { class: 'verb ' + verb }, verb.toUpperCase()), make('span', { class: 'path' }, path),
      make('span', { class: 'short' }, op.summary || '')));
  el.dataset.words = [verb, path, op.summary, op.operationId].join(' ').toLowerCase();
  el.addEventListener('toggle', () => {
    if (el.open && el.childElementCount === 1) el.append(inside(doc, verb, path, op));
  });
  return el;
}

function draw(doc) {
  const list = document.getElementById('list');
  const groups = document.getElementById('groups');
  document.getElementById('about').append(...doc.info.description.split('\n\n').map((p) => make('p', {}, p.replaceAll('\n', ' '))));
  for (const tag of doc.tags) {
    const section = make('section', { id: 'group-' + tag.name }, make('h2', {}, tag.name), make('p', { class: 'group-about' }, tag.description || ''));
    for (const path of Object.keys(doc.paths).sort()) {
      for (const verb of verbs) {
        const op = doc.paths[path][verb];
        if (op && op.tags.includes(tag.name)) section.append(operation(doc, verb, path, op));
      }
    }
    list.append(section);
    groups.append(make('li', {}, make('a', { href: '#group-' + tag.name }, tag.name)));
  }
  document.getElementById('find').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const section of list.children) {
      let any = false;
      for (const el of section.querySelectorAll('details')) {
        el.hidden = !words.every((w) => el.dataset.words.includes(w));
        any = any || !el.hidden;
        shown += el.hidden ? 0 : 1;
      }
      section.hidden = !any;
    }
    document.getElementById('state').textContent = shown ? '' : 'Nothing matches.';
  });
  document.getElementById('state').textContent = '';
  const wanted = document.getElementById(location.hash.slice(1));
  if (wanted) {
    wanted.open = true;
    wanted.scrollIntoView();
  }
}

// "?apps" shows the document of the reader's own apps, which needs somebody who is signed in.
const own = location.search === '?apps';
const source = own ? '/v1/published/openapi.json' : '/v1/openapi.json';
document.getElementById('document').href = source;
document.getElementById(own ? 'apps' : 'whole').setAttribute('aria-current', 'page');
const refusals = { 401: 'sign in first, in another tab', 404: 'nothing is published yet' };

fetch(source)
  .then((res) => (res.ok ? res.json() : Promise.reject(new Error((own && refusals[res.status]) || 'status ' + res.status))))
  .then(draw)
  .catch((err) => {
    document.getElementById('state').textContent = 'The document could not be read: ' + err.message;
  });
