import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { isRecord, type JsonRecord } from '../../src/events/json';

const ROOT = join(__dirname, '../..');
const GITHUB = join(ROOT, '.github');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows'));

describe('the workflows of GitHub', () => {
  /** GitHub's own parser: its words for what is wrong with a workflow. */
  let problemsOf: Parser['problemsOf'];
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chatapp-workflows-'));
    // The parser imports JSON in a way that Node.js does not know.
    const outfile = join(folder, 'parser.cjs');
    const contents = `import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
      export async function problemsOf(name, content) {
        const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
        if (value) await convertWorkflowTemplate(context, value);
        return context.errors.getErrors().map(({ message }) => message);
      }`;
    await build({ stdin: { contents, resolveDir: ROOT }, bundle: true, platform: 'node', format: 'cjs', outfile });
    const parser: unknown = createRequire(__filename)(outfile);
    assert.ok(isParser(parser));
    problemsOf = (name, content) => parser.problemsOf(name, content);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of WORKFLOWS) {
    const text = readFileSync(join(GITHUB, 'workflows', name), 'utf8');

    it(`are written as GitHub's own parser wants it: ${name}`, async () => {
      assert.deepEqual(await problemsOf(name, text), []);
      const [problem = ''] = await problemsOf(name, text.replace(/^on:/m, 'when:').replaceAll('uses:', 'use:'));
      assert.match(problem, /Unexpected value|Required property/, 'the parser finds mistakes');
    });

    it(`use actions of one commit each, and say its version: ${name}`, () => {
      const uses = text.match(/^.*\buses: .*$/gm) ?? [];
      assert.ok(uses.length > 0);
      for (const line of uses)
        assert.match(line, /uses: (\.\/\.github\/\S+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    });

    it(`may only read unless a job needs more: ${name}`, () => {
      const workflow = recordOf(parse(text));
      assert.deepEqual(workflow.permissions, { contents: 'read' });
      for (const [job, { permissions }] of jobsOf(workflow)) {
        if (permissions === undefined) continue;
        assert.deepEqual(
          [name, job, permissions],
          ['release.yml', 'publish', { contents: 'read', 'id-token': 'write' }],
        );
      }
      assert.ok(!/secrets\b/.test(text), 'there is no secret to steal');
      assert.ok(!text.includes('pull_request_target'), 'a pull request runs without rights');
      for (const [job, { steps }] of jobsOf(workflow)) {
        const checkout = listOf(steps).find(({ uses }) => String(uses).startsWith('actions/checkout@'));
        if (checkout) assert.deepEqual(checkout.with, { 'persist-credentials': false }, job);
      }
    });
  }

  it('check a change, and a release before it is published, by the command for everything that must hold', () => {
    const { ci } = Object.fromEntries(jobsOf(workflowIn('ci.yml')));
    assert.ok(listOf(ci?.steps).some(({ run }) => run === '.ci/run'));
    assert.ok((statSync(join(ROOT, '.ci/run')).mode & 0o111) !== 0, '.ci/run can be run');
    const release = Object.fromEntries(jobsOf(workflowIn('release.yml')));
    assert.equal(release.ci?.uses, './.github/workflows/ci.yml');
    assert.equal(release.publish?.needs, 'ci');
    const commands = listOf(release.publish.steps).flatMap(({ run }) => (typeof run === 'string' ? [run] : []));
    assert.deepEqual(commands.slice(-2), ['npm ci', 'npm publish --provenance']);
  });

  it('find the version of package.json in the changelog and on the page about upgrading', () => {
    const { version } = recordOf(parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const dated = new RegExp(`^## \\[${String(version)}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
    assert.match(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), dated);
    assert.ok(readFileSync(join(ROOT, 'docs/upgrade.md'), 'utf8').includes(`### ${String(version)}\n`));
  });

  it('publish only a version that its tag and a dated section of the changelog name', () => {
    const { publish } = Object.fromEntries(jobsOf(workflowIn('release.yml')));
    const [script = ''] = listOf(publish?.steps).flatMap(({ run }) =>
      String(run).includes('CHANGELOG') ? [String(run)] : [],
    );
    writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.3" }');
    const isPublished = (tag: string, changelog: string): boolean => {
      writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
      const env = { ...process.env, GITHUB_REF_NAME: tag };
      return spawnSync('bash', ['-e', '-c', script], { cwd: folder, env }).status === 0;
    };
    assert.ok(isPublished('v1.2.3', '## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n'));
    assert.ok(!isPublished('v1.2.4', '## [1.2.3] - 2026-12-01\n'));
    assert.ok(!isPublished('v1.2.3', '## [1.2.2] - 2026-12-01\n'));
    assert.ok(!isPublished('v1.2.3', '## [1x2x3] - 2026-12-01\n'));
    assert.ok(!isPublished('v1.2.3', '## [1.2.3] - today\n'));
  });
});

describe('what GitHub asks people', () => {
  const forms = readdirSync(join(GITHUB, 'ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');

  it('are forms for a bug, a question and an idea', () => {
    assert.deepEqual(forms, ['bug.yml', 'idea.yml', 'question.yml']);
  });

  for (const name of forms) {
    it(`is in a form that GitHub can show: ${name}`, () => {
      const form = recordOf(parse(readFileSync(join(GITHUB, 'ISSUE_TEMPLATE', name), 'utf8')));
      assert.deepEqual(Object.keys(form), ['name', 'description', 'labels', 'body']);
      const parts = listOf(form.body);
      const fields = parts.filter(({ type }) => type !== 'markdown');
      const ids = fields.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(fields.some(({ validations }) => isRecord(validations) && validations.required === true));
      for (const { type, id, attributes, ...rest } of parts) {
        if (type === 'markdown') assert.ok(recordOf(attributes).value);
        else assert.ok(type === 'textarea' && /^[a-z]+$/.test(String(id)) && recordOf(attributes).label, String(id));
        assert.deepEqual(
          Object.keys(rest).filter((key) => key !== 'validations'),
          [],
        );
      }
    });
  }

  it('is no open form, and leads elsewhere what is no bug of this package', () => {
    const config = recordOf(parse(readFileSync(join(GITHUB, 'ISSUE_TEMPLATE/config.yml'), 'utf8')));
    assert.equal(config.blank_issues_enabled, false);
    const [security] = listOf(config.contact_links);
    assert.match(String(security?.url), /\/security\/advisories\/new$/);
  });
});

describe('the updates of dependencies', () => {
  it('cover every folder with a lock file, and the actions', () => {
    const { updates } = recordOf(parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8')));
    const covered = listOf(updates).flatMap((update) => {
      const folders = Array.isArray(update.directories) ? update.directories : [update.directory];
      return folders.map((one) => `${String(update['package-ecosystem'])} ${String(one)}`);
    });
    const locked = ['', 'scripts/compat', 'scripts/scorecard', 'test/soketi'];
    for (const one of locked) assert.ok(existsSync(join(ROOT, one, 'package-lock.json')), one);
    assert.deepEqual(covered, [...locked.map((one) => `npm /${one}`), 'github-actions /']);
  });
});

interface Parser {
  problemsOf(name: string, content: string): Promise<string[]>;
}

function isParser(value: unknown): value is Parser {
  return isRecord(value) && typeof value.problemsOf === 'function';
}

function workflowIn(name: string): JsonRecord {
  return recordOf(parse(readFileSync(join(GITHUB, 'workflows', name), 'utf8')));
}

function jobsOf({ jobs }: JsonRecord): [string, JsonRecord][] {
  return Object.entries(recordOf(jobs)).map(([name, job]) => [name, recordOf(job)]);
}

function listOf(value: unknown): JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function recordOf(value: unknown): JsonRecord {
  assert.ok(isRecord(value));
  return value;
}
