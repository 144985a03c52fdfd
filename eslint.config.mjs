import eslint from '@eslint/js';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tseslint from 'typescript-eslint';

/**
 * Imports run one way: nodes → connection → (cluster, delivery) → inbox → channels → (socket, webhook) → session →
 * api, storage → events.
 */
const LAYERS = [
  ['events'],
  ['storage', 'api'],
  ['session'],
  ['socket'],
  ['send', 'webhook'],
  ['channels'],
  ['inbox'],
  ['delivery'],
  ['cluster'],
];

/** What a layer lies above but does not need: sockets and sends are given what they take from below. */
const NOT_NEEDED = {
  socket: ['session'],
  send: ['session', 'socket'],
  channels: ['session', 'send'],
  inbox: ['session', 'send'],
  delivery: ['session', 'socket', 'send', 'webhook'],
  cluster: ['session', 'send', 'webhook'],
};

/** Files of src that lie above all folders. */
const TOP = ['connection', 'instance', 'single-instance', 'cluster-instance', 'account', 'check'];

const forbiddenTo = (layer, index) => [
  ...LAYERS.slice(index).flatMap((beside) =>
    beside.includes(layer) ? beside.filter((name) => name !== layer) : beside,
  ),
  ...(NOT_NEEDED[layer] ?? []),
];

const oneWay = LAYERS.flatMap((layers, index) =>
  layers.map((layer) => ({
    files: [`src/${layer}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...forbiddenTo(layer, index).map((name) => `**/${name}/*`), ...TOP.map((name) => `**/${name}`)],
              message: `${layer} lies below.`,
            },
            { group: ['node-red', '@node-red/*', '**/nodes/**'], message: 'src knows nothing of Node-RED.' },
          ],
        },
      ],
    },
  })),
);

/**
 * The editor's code: page → form → account → pickers → webhooks → (connection, listener, actions) → sidebar → index.
 * What knows less lies below.
 */
const EDITOR_LAYERS = [
  ['page'],
  ['form'],
  ['account'],
  ['pickers'],
  ['webhooks'],
  ['connection', 'listener', 'actions'],
  ['sidebar'],
  ['index', 'function-types'],
];

const editorOneWay = EDITOR_LAYERS.flatMap((layers, index) =>
  layers.map((layer) => {
    const above = EDITOR_LAYERS.slice(index)
      .flat()
      .filter((name) => name !== layer);
    const group = above.flatMap((name) => [`../${name}`, `../${name}/**`]);
    const patterns = group.length === 0 ? [] : [{ group, message: `${layer} lies below.` }];
    return {
      files: [`nodes/shared/editor/${layer}/**/*.ts`],
      rules: { 'no-restricted-imports': ['error', { patterns }] },
    };
  }),
);

/** The runtime knows nothing of the editor. */
const RUNTIME = {
  files: ['nodes/**/*.ts'],
  ignores: ['nodes/**/*.editor.ts', 'nodes/shared/editor/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: ['**/shared/editor/**', './editor/**'], message: 'This runs in Node-RED, not in the editor.' },
        ],
      },
    ],
  },
};

/** What a file imports of ours, by its path: types count too. */
const importsOf = new Map();

function ownImports(file) {
  const known = importsOf.get(file);
  if (known) return known;
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)';/gm)].flatMap(
    ([, path]) => fileOf(file, path) ?? [],
  );
  importsOf.set(file, found);
  return found;
}

function fileOf(from, path) {
  const base = join(dirname(from), path);
  return [`${base}.ts`, join(base, 'index.ts')].find((file) => existsSync(file));
}

/** No two files import each other: each can be read, and tested, after what it needs. */
const noMutualImports = {
  meta: { type: 'problem', schema: [] },
  create: ({ filename, report }) => ({
    ImportDeclaration(node) {
      const path = String(node.source.value);
      const target = path.startsWith('.') ? fileOf(filename, path) : undefined;
      if (target && ownImports(target).includes(filename)) {
        report({
          node,
          message: `${path} imports this file too. Move what both need into one of them, or into a third.`,
        });
      }
    },
  }),
};

/**
 * The wall clock decides nothing: it may be wrong, and it may be set at any moment. Durations and deadlines are
 * `clock.monotonic()`, a time to be shown is `shownTime()`.
 */
const WALL_CLOCK = [
  "MemberExpression[property.name='now']:not([object.name='performance'])",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
].map((selector) => ({ selector, message: 'Use clock.monotonic() to decide, shownTime() to show.' }));

/** The files that may look at it, and why. */
const WALL_CLOCK_USERS = [
  'src/clock.ts', // gives it to the others
  'src/api/client.ts', // guesses ChatApp's time until its first answer
  'src/socket/heartbeat.ts', // compares it with the monotonic clock, to notice that the machine was suspended
  'src/inbox/channel-inbox.ts', // `receivedAt`
  'nodes/shared/sample.ts', // `receivedAt`
  'src/feed/**', // until the inbox replaces it
  'src/cluster/**', // until JetStream is a store of the inbox
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'resources/', '.cache/', '**/node_modules/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['nodes/**/*.editor.ts', 'nodes/shared/editor/**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, project: './tsconfig.editor.json' } },
  },
  {
    // A rejected promise that nobody handles ends Node-RED.
    files: ['src/**/*.ts', 'nodes/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  {
    files: ['src/**/*.ts', 'nodes/**/*.ts'],
    ignores: WALL_CLOCK_USERS,
    rules: { 'no-restricted-syntax': ['error', ...WALL_CLOCK] },
  },
  ...oneWay,
  ...editorOneWay,
  RUNTIME,
  {
    files: ['**/*.ts'],
    plugins: { imports: { rules: { 'no-mutual': noMutualImports } } },
    rules: { 'imports/no-mutual': 'error' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'readonly' } },
  },
);
