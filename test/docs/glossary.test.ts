import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './documents';

const FOLDERS = ['src', 'nodes', 'simulator', 'scripts', 'bench', 'test', 'docs', 'examples'];
/** Words without an ordinary use in this field, and what to write instead. */
const REPLACED: Readonly<Record<string, string>> = {
  aftermath: 'status updates',
  anew: 'again',
  announcer: 'broadcaster',
  anybody: 'anyone, a user, a client',
  bear: 'accept',
  bears: 'accepts',
  deafened: 'disconnected',
  desk: 'dispatcher, stub',
  errand: 'task',
  fate: 'retry decision, outcome',
  handicap: 'takeover delay',
  hasty: 'scaled',
  hear: 'receive',
  heard: 'received, spy',
  hears: 'receives',
  heed: 'apply',
  lane: 'slot',
  lanes: 'semaphore',
  lest: 'so that … not',
  manieth: 'attempt number',
  mend: 'fix, correct, recreate',
  mended: 'fixed, corrected',
  mends: 'fixes, reconnects',
  minds: 'ignores, depends on',
  news: 'changes, state, what is new',
  patience: 'wait limit',
  peace: 'stable period',
  scene: 'scenario',
  settler: 'acknowledger',
  shall: 'must, is to',
  stage: 'harness',
  stranger: 'unknown client',
  strangers: 'unknown clients',
  strongbox: 'secret box',
  swear: 'assert',
  teller: 'reporter',
  tether: 'exit with parent',
  tethered: 'run with parent',
  told: 'reported, set, asked',
  trouble: 'failure, problem',
  troubles: 'failures, problems',
  twin: 'duplicate',
  unheard: 'disconnected',
  untold: 'unreported',
  whoever: 'the caller, the user, a client',
  wish: 'request, desired …',
  wishes: 'requests',
  witness: 'spy',
};

/** Phrases in comments and texts, and what to write instead. */
const PHRASES: Readonly<Record<string, string>> = {
  'far end': 'stub server',
  'for good': 'permanently',
  'go by': 'wait for, advance',
  'goes by': 'uses',
  'in good order': 'gracefully, cleanly',
  'in vain': 'without success',
  'stand-in': 'simulator',
};

/** Ordinary words that say nothing as the name of a class. */
const CLASSES = ['Copy', 'Door', 'Memory', 'News', 'Place', 'Reception', 'Share', 'Trouble'];

/** Words of ChatApp, and of the libraries, that are no words of ours. */
const FOREIGN = /[fF]unnel_?[sS]tage|FUNNEL_STAGE|stage of the sales funnel|saved\.heard/g;

describe('the words of the code', () => {
  const files = FOLDERS.flatMap((folder) => sourcesIn(join(ROOT, folder)));

  it('are standard terms', () => {
    assert.ok(files.length > 500);
    const found = files.flatMap((file) => linesOf(file).flatMap(([place, line]) => wordsIn(line).map(say(place))));
    assert.deepEqual(found, []);
  });

  it('do not name a class by a word that says nothing', () => {
    const names = new RegExp(`\\bclass (${CLASSES.join('|')})\\b`);
    const found = files.flatMap((file) => linesOf(file).flatMap(([place, line]) => (names.test(line) ? [place] : [])));
    assert.deepEqual(found, []);
  });

  it('are found in identifiers, comments and texts', () => {
    assert.deepEqual(wordsIn('const isUnheard = tokenDesk.heardAt; // asked anew'), [
      'anew',
      'desk',
      'heard',
      'unheard',
    ]);
    assert.deepEqual(wordsIn('/** The stand-in of ChatApp. */'), ['stand-in']);
    assert.deepEqual(wordsIn('onNews: whoever is told'), ['news', 'told', 'whoever']);
    assert.deepEqual(wordsIn("chatFunnelStage: 'the stageless'"), []);
  });
});

function say(place: string): (word: string) => string {
  return (word) => `${place}: "${word}": write "${REPLACED[word] ?? PHRASES[word] ?? ''}"`;
}

/** The words that are to be replaced in a line of code. */
function wordsIn(line: string): string[] {
  const own = line.replace(FOREIGN, '');
  const words = own.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  const unique = new Set(words.map((word) => word.toLowerCase()).filter((word) => Object.hasOwn(REPLACED, word)));
  return [...unique].sort().concat(Object.keys(PHRASES).filter((phrase) => own.toLowerCase().includes(phrase)));
}

/** Each line, and where it is. */
function linesOf(file: string): [place: string, line: string][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.map((line, index) => [`${relative(ROOT, file)}:${index + 1}`, line]);
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const isSource = (name: string): boolean =>
    /\.(ts|mjs|cjs|js|md|json|html)$/.test(name) &&
    !/glossary\.test\.ts$|locales.(ru|pt-BR)|\.(ru|pt-BR)\.md$/.test(name);
  return names.filter(isSource).map((name) => join(folder, name));
}
