import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Imports run one way: nodes → connection → feed → socket, session → api → events. */
const FLOORS = {
  events: ['api', 'session', 'socket', 'send', 'webhook', 'feed', 'cluster', 'connection', 'account', 'check'],
  api: ['session', 'socket', 'send', 'webhook', 'feed', 'cluster', 'connection', 'account', 'check'],
  session: ['socket', 'send', 'webhook', 'feed', 'cluster', 'connection', 'account', 'check'],
  socket: ['session', 'send', 'webhook', 'feed', 'cluster', 'connection', 'account', 'check'],
  send: ['session', 'socket', 'webhook', 'feed', 'cluster', 'connection', 'account', 'check'],
  webhook: ['send', 'feed', 'cluster', 'connection', 'account', 'check'],
  feed: ['session', 'send', 'cluster', 'connection', 'account', 'check'],
  cluster: ['session', 'socket', 'send', 'webhook', 'connection', 'account', 'check'],
};

const oneWay = Object.entries(FLOORS).map(([floor, above]) => ({
  files: [`src/${floor}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: above.flatMap((name) => [`**/${name}`, `**/${name}/*`]), message: `${floor} lies below.` },
          { group: ['node-red', '@node-red/*', '**/nodes/**'], message: 'src knows nothing of Node-RED.' },
        ],
      },
    ],
  },
}));

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
  ...oneWay,
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'readonly' } },
  },
);
