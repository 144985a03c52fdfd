import { parseJson } from '../../../src/events/json';
import { checkSteps, type CheckStep, type CheckStepName } from '../account-answers';
import { readStep } from './answers';
import { troubleText } from './request-problem';
import { text } from './text';
import type { SafetyWarning } from '../warnings';

/** One row of the list that a check fills. */
export interface StepRow {
  readonly step: CheckStepName;
  readonly outcome: 'pending' | CheckStep['outcome'];
  readonly words: string;
}

/**
 * The rows of a check, of which `answer` came so far: a step a line, the last of which may not be complete. NATS has a
 * row where the settings, once they are told, say so; before that where it is expected.
 */
export function rowsOf(answer: string, expectsCluster = false): StepRow[] {
  const steps = answer.split('\n').flatMap((line) => readStep(parseJson(line)) ?? []);
  const settings = steps.find(({ step }) => step === 'settings');
  const hasCluster = settings ? settings.hasCluster === true : expectsCluster;
  return checkSteps(hasCluster).map((name) => {
    const step = steps.find((one) => one.step === name);
    return {
      step: name,
      outcome: step?.outcome ?? 'pending',
      words: step ? wordsOf(step) : text('check.outcome.pending'),
    };
  });
}

/** The rows of a check that is over: of those that are open still, the first one says `why`. */
export function endedRows(rows: readonly StepRow[], why: string): StepRow[] {
  const first = rows.find(({ outcome }) => outcome === 'pending');
  return rows.map((row) => {
    if (row === first) return { ...row, outcome: 'failed', words: why };
    return row.outcome === 'pending' ? { ...row, outcome: 'skipped', words: text('check.outcome.unknown') } : row;
  });
}

function wordsOf({ outcome, trouble, warnings = [], lines, messengers }: CheckStep): string {
  // Only what is deployed is tried again.
  if (trouble?.code === 'CONNECTION_LOST') return text('check.outage', trouble.params);
  if (trouble?.code === 'CLUSTER_FAILED' && trouble.reason === 'unreachable') {
    return text('check.noNats', trouble.params);
  }
  if (outcome === 'failed') return trouble ? troubleText(trouble) : text('check.outcome.failed');
  if (lines === undefined || messengers === undefined) {
    return [text(`check.outcome.${outcome}`), ...warnings.map(warningText)].join('. ');
  }
  return `${counted('line', lines)}, ${counted('messenger', messengers)}`;
}

/** The words for what is not safe, in the editor's language. */
export function warningText({ key, host = '' }: SafetyWarning): string {
  return text(`warning.${key}`, { host });
}

function counted(what: 'line' | 'messenger', number: number): string {
  return text(number === 1 ? `check.one.${what}` : `check.many.${what}`, { number });
}
