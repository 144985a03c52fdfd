import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import manifest from '../../package.json';
import { documents, ROOT, withoutCodeBlocks, type Document } from './documents';

const all = documents();
/** Where GitHub serves the files of the repository. */
const RAW = `${manifest.repository.url.replace(/^git\+https:\/\/github\.com\/(.+)\.git$/, 'https://raw.githubusercontent.com/$1')}/main/`;

describe('the links of the texts', () => {
  for (const document of all) {
    it(`lead somewhere: ${document.path}`, () => {
      for (const { target, path, anchor } of ownLinks(document)) {
        assert.ok(existsSync(join(ROOT, path)), `${document.path} links to ${target}`);
        if (anchor === undefined) continue;
        const text = readFileSync(join(ROOT, path), 'utf8');
        assert.ok(anchors(text).has(anchor), `${document.path} links to ${target}, which has no such heading`);
      }
    });
  }

  it('lead from README to every other text', () => {
    const reached = new Set(['README.md']);
    // A set that grows while it is walked through is walked through to its end.
    for (const path of reached) {
      const document = all.find((one) => one.path === path);
      for (const link of document ? ownLinks(document) : []) reached.add(link.path);
    }
    assert.deepEqual(
      all.map(({ path }) => path).filter((path) => !reached.has(path)),
      [],
    );
  });

  it('show pictures with words for those who do not see them', () => {
    const pictures = all.flatMap(({ text }) => [...text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)]);
    assert.ok(pictures.length > 0);
    for (const [, words = '', target] of pictures) assert.ok(words.length > 10, target);
  });

  it('show pictures in a README at addresses that work on npm and in the Flow Library, too', () => {
    for (const { path, text } of all.filter((one) => one.path.startsWith('README'))) {
      const targets = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, target = '']) => target);
      const own = targets.filter((target) => !target.startsWith('https://img.shields.io/'));
      assert.ok(own.length >= 3, path);
      for (const target of own) {
        assert.ok(target.startsWith(RAW), `${path}: ${target}`);
        // Without this, GitHub serves the text of a drawing.
        if (/\.svg\b/.test(target)) assert.match(target, /\.svg\?sanitize=true$/);
      }
    }
  });

  it('show pictures that are small, and no picture is left that nobody shows', () => {
    const linked = new Set(all.flatMap(ownLinks).map(({ path }) => path));
    const names = readdirSync(join(ROOT, 'docs/images'), { recursive: true, encoding: 'utf8' });
    for (const name of names.map((one) => one.replaceAll('\\', '/')).filter((one) => one.includes('.'))) {
      assert.ok(linked.has(`docs/images/${name}`), name);
      assert.ok(statSync(join(ROOT, 'docs/images', name)).size < 180_000, name);
    }
  });
});

describe('an anchor', () => {
  it('is the heading in small letters, without punctuation, numbered where it comes again', () => {
    const text = '# A `b` and: C, d!\n\n## Same\n\n## Same\n\n```sh\n# no heading\n```\n';
    assert.deepEqual([...anchors(text)], ['a-b-and-c-d', 'same', 'same-1']);
  });
});

interface Link {
  readonly target: string;
  /** From the root. */
  readonly path: string;
  readonly anchor?: string;
}

/** Links to files of the repository. */
function ownLinks({ path, text }: Document): Link[] {
  const inline = [...withoutCodeBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const named = [...withoutCodeBlocks(text).matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target);
  return [...inline, ...named]
    .filter((target) => target.startsWith(RAW) || !/^[a-z]+:/.test(target))
    .map((target) => {
      if (target.startsWith(RAW)) return { target, path: target.slice(RAW.length).replace(/\?.*$/, '') };
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : posix.join(posix.dirname(path), file);
      return { target, path: found, ...(anchor !== undefined && { anchor }) };
    });
}

/** The anchors that GitHub gives to headings. */
function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...withoutCodeBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) => {
      const slug = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}
