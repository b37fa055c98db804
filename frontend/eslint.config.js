import { readdirSync } from 'node:fs';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What a room may not import, with the reason that people get to read. */
const closed = (regex, message) => ({ regex, message });

const noBarrels = closed('^@mui/(material|icons-material)$', 'Import the one component, "@mui/material/Button": the package as a whole is slow to build.');
const insides = (own) =>
  closed(
    `^@/features/(?!${own}(/|$))[^/]+/(?!feature$|index$)`,
    'A feature is closed: others may import its feature.ts or index.ts, nothing within.',
  );
const upwards = closed('^\\.\\./\\.\\./(\\.\\./)*(features|app|api|ui|controls|renderer|values|expr|draft|rewrite)(/|$)', 'Use "@/…" to reach another room.');

/** Rooms that features stand on know nothing of features or of the app. */
const shared = ['api', 'ui', 'controls', 'renderer', 'values', 'expr', 'draft', 'rewrite'];
const features = readdirSync(new URL('./src/features', import.meta.url));

const restrict = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [noBarrels, upwards, ...patterns] }] },
});

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/generated.ts', 'scripts', 'eslint.config.js'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    plugins: { 'react-hooks': hooks },
    rules: {
      '@typescript-eslint/no-invalid-void-type': 'off', // RTK Query writes "no argument" so
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Text of users never becomes markup.' },
        { selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword', message: 'No "as unknown as": narrow the type instead.' },
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Data of the server comes through src/api.' }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  restrict(['src/app/**'], [insides('-')]),
  ...features.map((name) =>
    restrict([`src/features/${name}/**`], [insides(name), closed('^@/app(/|$)', 'The app knows its features, not the other way round.')]),
  ),
  restrict(
    shared.map((room) => `src/${room}/**`),
    [closed('^@/(features|app)(/|$)', 'What features stand on knows nothing of them.')],
  ),
  { files: ['src/api/**', 'bench/**', 'e2e/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['vite.config.ts', 'vitest.e2e.config.ts', 'vitest.bench.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
