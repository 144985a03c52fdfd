import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/scorecard.mjs');

const MANIFEST = {
  name: '@example/node-red-waves',
  version: '1.0.0',
  license: 'MIT',
  keywords: ['node-red'],
  repository: 'github:example/node-red-waves',
  engines: { node: '>=20' },
  'node-red': { version: '>=4.0.0', nodes: { wave: 'wave.js' } },
};
const PAGE = `<script type="text/javascript">RED.nodes.registerType('wave', { category: 'input', defaults: {} });</script>`;
const NATS = { '@nats-io/kv': '~3.3.1' };
const EXAMPLE = [{ id: '1', type: 'wave' }];

describe("the Flow Library's scorecard", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-scorecard-test-'));
    await mkdir(join(folder, 'examples'));
    await writeFile(join(folder, 'wave.html'), PAGE);
    await writeFile(join(folder, 'examples', 'wave.json'), JSON.stringify(EXAMPLE));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What the script says of a small package. */
  async function scorecard(changes: object): Promise<{ code: number; said: string }> {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...MANIFEST, ...changes }));
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [SCRIPT, folder], (_error, printed, complained) =>
        resolve({ code: child.exitCode ?? -1, said: printed + complained }),
      );
    });
  }

  /** Installs a dependency beside the package. */
  async function install(name: string, version: string): Promise<void> {
    const dependency = join(folder, 'node_modules', name);
    await mkdir(dependency, { recursive: true });
    await writeFile(join(dependency, 'package.json'), JSON.stringify({ name, version }));
  }

  // Each run of the tool takes 3 s of CPU time and asks the npm registry.
  it('passes a package without a fault, whose client of NATS may be old since a newer one needs a newer Node.js', async () => {
    await install('@nats-io/kv', '3.3.1');
    const { code, said } = await scorecard({ dependencies: NATS });
    assert.equal(code, 0, said);
    assert.equal([...said.matchAll(/^ok {5}[PND]\d\d /gm)].length, 12, said);
  });

  it('refuses one without keyword, of which the tool only warns, example and newest dependencies beside NATS', async () => {
    await writeFile(join(folder, 'examples', 'wave.json'), '[]');
    await install('@nats-io/kv', '3.3.1');
    await install('ws', '7.5.10');
    const { code, said } = await scorecard({ keywords: ['waves'], dependencies: { ...NATS, ws: '^7.5.10' } });
    assert.equal(code, 1, said);
    const failed = [...said.matchAll(/^FAILED ([PND]\d\d) /gm)].map(([, check]) => check);
    assert.deepEqual(failed, ['P05', 'N02', 'D03'], said);
  });
});
