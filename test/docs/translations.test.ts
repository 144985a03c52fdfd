import assert from 'node:assert/strict';
import { codeBlocks, document, inCode, withoutCodeBlocks, type Document } from './documents';

const LANGUAGES = ['ru', 'pt-BR'];
const PAGES = ['README', 'docs/quick-start'];

describe('the translated pages', () => {
  for (const page of PAGES) {
    const english = document(`${page}.md`);
    for (const language of LANGUAGES) {
      const translated = document(`${page}.${language}.md`);

      it(`have the headings, tables and code of the English page: ${translated.path}`, () => {
        assert.deepEqual(levelsOf(translated), levelsOf(english));
        assert.deepEqual(tablesOf(translated), tablesOf(english));
        assert.deepEqual(codeBlocks(translated, 'sh'), codeBlocks(english, 'sh'));
      });

      it(`link where the English page links: ${translated.path}`, () => {
        assert.deepEqual(linksOf(translated), linksOf(english));
      });

      it(`name the same properties and values: ${translated.path}`, () => {
        assert.deepEqual(valuesOf(translated), valuesOf(english));
      });
    }
  }
});

/** How deep each heading is, in order. */
function levelsOf(page: Document): number[] {
  return [...withoutCodeBlocks(page.text).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);
}

/** What is in backticks in each row of each table, by row. */
function tablesOf({ text }: Document): string[][] {
  return [...text.matchAll(/^\|(?! ?-).*$/gm)].map(([row]) => inCode(row));
}

/** The targets in order, whatever their language. */
function linksOf({ text }: Document): string[] {
  const targets = [...withoutCodeBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  // The line that leads to the other languages has a link to each page but its own.
  const others = new RegExp(
    `^(${PAGES.map((page) => page.split('/').at(-1)).join('|')})(\\.(${LANGUAGES.join('|')}))?\\.md$`,
  );
  const toPages = targets.filter((target) => !others.test(target));
  // An anchor in a translated page is its heading in that language.
  return toPages.map((target) =>
    target.replace(/\.(?:ru|pt-BR)\.md(?:#.*)?$/, '.md').replace(/^(\.\.\/README\.md)#.*$/, '$1'),
  );
}

/** What is in backticks anywhere. */
function valuesOf(page: Document): string[] {
  return [...new Set(withoutCodeBlocks(page.text).split('\n').flatMap(inCode))].toSorted();
}
