import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { EditorPage, register, scriptOf, SHARED_SCRIPT } from './definition';

const ROOT = join(__dirname, '../..');
const NODES = join(ROOT, 'dist', 'nodes');

const LISTENER = {
  name: '',
  connection: '',
  events: [],
  separate: false,
  ack: 'sent',
  ackSeconds: 60,
  inFlight: 100,
  outputs: 1,
  version: 1,
};
const CHAT_LISTENER = {
  ...LISTENER,
  events: ['message'],
  ...{ direction: 'in', ignoreOwn: false, skipGroups: false, skipEdited: false },
};

/** The saved properties of each type with their defaults. A change here needs a migration of people's flows. */
const DEFAULTS: Readonly<Record<string, object>> = {
  'chatapp-connection': {
    name: '',
    auth: 'account',
    apiUrl: 'https://api.chatapp.online',
    socketUrl: 'wss://socket.chatapp.online:6001',
    appKey: 'ChatsAppApiProdKey',
    tls: '',
    recover: true,
    recoverHours: 24,
    receive: 'socket',
    webhookUrl: '',
    cluster: '',
    clusterAuth: 'none',
    clusterCreds: '',
    clusterTls: '',
    replicas: 1,
    partitions: 16,
    keepHours: 24,
    version: 1,
  },
  'chatapp-messenger': { ...CHAT_LISTENER, licenseId: '', messengerType: '' },
  'chatapp-company': { ...LISTENER, companyId: '' },
  'chatapp-user': { ...LISTENER, userId: '' },
  'chatapp-employee': { ...CHAT_LISTENER, companyId: '', userId: '' },
  'chatapp-send': {
    name: '',
    connection: '',
    action: 'text',
    licenseId: '',
    messengerType: '',
    chatId: '',
    text: '',
    textType: 'str',
    file: '',
    fileType: 'str',
    fileName: '',
    fileNameType: 'str',
    caption: '',
    captionType: 'str',
    template: '',
    params: [],
    markdown: false,
    sender: '',
    tracking: '',
    perMinute: 10,
    version: 1,
  },
  'chatapp-api': {
    name: '',
    connection: '',
    preset: 'messages',
    method: 'GET',
    path: '',
    licenseId: '',
    messengerType: '',
    chatId: '',
    query: [],
    body: '',
    bodyType: 'json',
    pages: 'off',
    format: 'raw',
    version: 1,
  },
  'chatapp-done': { name: '', outcome: 'auto', accept: '200-299', failed: false, version: 1 },
};

/** Lists that the dialog shows in rows of their own, what it sets by itself, and what a node had in an earlier version. */
const WITHOUT_FIELD: readonly string[] = ['events', 'params', 'query', 'version', 'failed'];
/** The type of a typed field has no label of its own. */
const WITHOUT_LABEL = /^outputs$|^(text|file|fileName|caption|body)Type$/;

const CREDENTIALS = {
  accessToken: 'password',
  refreshToken: 'password',
  email: 'text',
  password: 'password',
  appId: 'text',
  clusterUser: 'text',
  clusterPassword: 'password',
  clusterToken: 'password',
};

/** In bytes, without the help texts. */
const MAX_PAGES = 60_000;
const MAX_SHARED = 85_000;
const MAX_SIDEBAR = 45_000;

/** What the help of a node tells of, by type; of the others its outputs. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  'chatapp-connection': [],
  'chatapp-send': ['Inputs', 'Outputs'],
  'chatapp-api': ['Inputs', 'Outputs'],
  'chatapp-done': ['Inputs'],
};

describe('the built package', () => {
  it('announces the node types of the contract', () => {
    assert.deepEqual(Object.keys(manifest['node-red'].nodes), Object.keys(DEFAULTS));
  });

  for (const [type, defaults] of Object.entries(DEFAULTS)) {
    describe(type, () => {
      const isConfig = type === 'chatapp-connection';
      const prefix = isConfig ? 'node-config-input' : 'node-input';
      const html = (): string => readFileSync(join(NODES, type, `${type}.html`), 'utf8');

      it('registers itself once, in words that a reader of the file finds', () => {
        const calls = [...scriptOf(html()).matchAll(/RED\.nodes\.registerType\(\s*"([\w-]+)",\s*\{/g)];
        assert.deepEqual(
          calls.map(([, name]) => name),
          [type],
        );
        const definition = scriptOf(html()).slice(calls[0]?.index);
        assert.ok(!definition.includes('...') && !definition.includes('__spread'), 'the definition is spelt out');
      });

      it('loads the shared script of its version before its own', () => {
        const [first] = /<script [^>]+>/.exec(html()) ?? [];
        const { name, version } = manifest;
        assert.equal(first, `<script src="resources/${name}/editor.js?v=${version}">`);
      });

      it('saves the properties of the contract, with its defaults', () => {
        const values = Object.entries(register(html()).defaults).map(([name, { value }]) => [name, value]);
        // By way of JSON, since a list out of another context equals none of ours.
        assert.deepEqual(JSON.parse(JSON.stringify(Object.fromEntries(values))), defaults);
      });

      it('has a message for each value that it refuses', () => {
        for (const [name, { validate, required, label }] of Object.entries(register(html()).defaults)) {
          // The editor shows the words only of a validator with two parameters.
          if (validate !== undefined) assert.equal(validate.length, 2, name);
          if (required !== undefined) assert.equal(typeof label, 'string', name);
        }
      });

      it('has a field for each property, and a label for each field that one can see', () => {
        const form = formOf(html(), type);
        const names = [...Object.keys(defaults), ...(isConfig ? Object.keys(CREDENTIALS) : [])];
        for (const name of names.filter((property) => !WITHOUT_FIELD.includes(property))) {
          assert.ok(form.includes(`id="${prefix}-${name}"`), name);
          if (!WITHOUT_LABEL.test(name)) assert.ok(form.includes(`for="${prefix}-${name}"`), `label of ${name}`);
        }
        assert.ok(!/\{\{|"shared:/.test(form), 'every placeholder is filled');
      });

      it('has help, whose first paragraph can be shown as a tip', () => {
        const help = readFileSync(join(NODES, type, 'locales', 'en-US', `${type}.html`), 'utf8');
        const [, text = ''] =
          new RegExp(`^<script type="text/markdown" data-help-name="${type}">\n([^]+)</script>\n$`).exec(help) ?? [];
        assert.match(text, /^[A-Z][^\n]{30,200}\.\n\n###? /);
        assert.ok(!/\{\{[\w-]+\}\}/.test(text) && !/^ /m.test(text), 'is filled, and Markdown sees no indent');
        for (const section of ['Details', 'References', ...(ENDS[type] ?? ['Outputs'])]) {
          assert.ok(text.includes(`\n### ${section}\n`), section);
        }
      });

      it('has its texts, and the icon that it names', () => {
        assert.ok(existsSync(join(NODES, type, 'locales', 'en-US', `${type}.json`)));
        const { icon } = register(html());
        if (isConfig) return;
        assert.ok(typeof icon === 'string');
        const drawing = readFileSync(join(NODES, type, 'icons', icon), 'utf8');
        assert.match(drawing, /<svg [^>]*viewBox="0 0 40 60"/);
        assert.deepEqual([...new Set([...drawing.matchAll(/fill="([^"]+)"/g)].map(([, colour]) => colour))], ['#fff']);
      });
    });
  }

  describe('the sidebar', () => {
    const html = (): string => readFileSync(join(NODES, 'chatapp-sidebar', 'chatapp-sidebar.html'), 'utf8');

    it('is a plugin in one file: without a script that it loads, the editor would not start', () => {
      assert.deepEqual(manifest['node-red'].plugins, {
        'chatapp-sidebar': 'dist/nodes/chatapp-sidebar/chatapp-sidebar.html',
      });
      assert.match(html(), /^<script type="text\/javascript">\n[^]*<\/script>\n$/);
      assert.ok(!/<script[^>]* src=/.test(html()));
      assert.equal(scriptOf(html()).split('RED.plugins.registerPlugin("chatapp-sidebar",').length, 2);
    });

    it('is small', () => {
      assert.ok(Buffer.byteLength(html()) <= MAX_SIDEBAR, `${Buffer.byteLength(html())} bytes`);
    });
  });

  describe('the shared script', () => {
    const pages = (): string[] =>
      Object.keys(DEFAULTS).map((type) => readFileSync(join(NODES, type, `${type}.html`), 'utf8'));

    it('works once in an editor, however many pages load it', () => {
      const editor = new EditorPage();
      for (const html of pages()) editor.load(html);
      assert.equal(editor.registered.length, Object.keys(DEFAULTS).length);
      assert.equal(editor.styles.length, 1);
    });

    it('works again when another version is installed into an open editor', () => {
      const editor = new EditorPage();
      const [html = ''] = pages();
      editor.load(html);
      editor.load(html, readFileSync(SHARED_SCRIPT, 'utf8').replaceAll(`"${manifest.version}"`, '"999.0.0"'));
      assert.equal(editor.styles.length, 2);
    });

    it('keeps what the editor loads small', () => {
      const own = pages().reduce((sum, html) => sum + Buffer.byteLength(html), 0);
      assert.ok(own <= MAX_PAGES, `the pages have ${own} bytes`);
      const { size } = statSync(SHARED_SCRIPT);
      assert.ok(size <= MAX_SHARED, `the shared script has ${size} bytes`);
    });
  });

  it('the connection hides its secrets from the editor', () => {
    const { credentials = {} } = register(
      readFileSync(join(NODES, 'chatapp-connection', 'chatapp-connection.html'), 'utf8'),
    );
    const types = Object.entries(credentials).map(([name, { type }]) => [name, type]);
    assert.deepEqual(Object.fromEntries(types), CREDENTIALS);
  });

  it('holds no editor code besides the HTML', () => {
    const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((file) => /\.editor\.(d\.ts|js)$|\.form\.html$/.test(file)),
      [],
    );
  });
});

function formOf(html: string, type: string): string {
  const forms = [...html.matchAll(/<script type="text\/html" data-template-name="([\w-]+)">([^]*?)<\/script>/g)];
  assert.deepEqual(
    forms.map(([, name]) => name),
    [type],
  );
  return forms[0]?.[2] ?? '';
}
