import { parseJson } from '../../../../src/events/json';
import { checkSteps, type CheckStep, type CheckStepName, type ConnectionDraft } from '../../account-answers';
import { readServers } from '../../nats-servers';
import { warningsOf, type SafetyWarning } from '../../warnings';
import { readStep } from '../account/answers';
import { CLUSTER_CREDENTIALS, CREDENTIALS, knownCredentials } from '../account/credentials';
import { connectionField } from '../form/fields';
import { element, isTicked, make, valueOf } from '../page/dom';
import { requestProblem, failureText } from '../page/requests';
import { text } from '../page/text';
import { isClustered } from './cluster';

/** In ms. Node-RED has found out all that it can before. */
const WAIT_LIMIT = 15_000;

const SETTINGS = [
  'auth',
  'receive',
  'webhookUrl',
  'apiUrl',
  'socketUrl',
  'appKey',
  'tls',
  'recover',
  'recoverHours',
  'cluster',
  'clusterAuth',
  'clusterCreds',
  'clusterTls',
  'replicas',
  'partitions',
  'keepHours',
] as const;

const ICONS: Readonly<Record<StepRow['outcome'], string>> = {
  pending: 'fa-circle-o-notch fa-spin',
  ok: 'fa-check',
  failed: 'fa-times',
  skipped: 'fa-minus',
};

/** Makes the button of the open dialog check the connection as it stands there. `id` is that of its node. */
export function prepareCheck(id: string): void {
  let last: { abort(): void } | undefined;
  element('chatapp-check').addEventListener('click', () => {
    last?.abort();
    const draft = openDraft(id);
    last = runCheck('chatapp/check', draft, (rows) => showRows(element('chatapp-check-steps'), rows));
  });
}

/**
 * Asks for a check of a draft, or of the deployed connection that the address names; `show` gets all rows whenever one has
 * changed, until it is aborted.
 */
export function runCheck(
  url: string,
  body: ConnectionDraft | Readonly<Record<string, never>>,
  show: (rows: readonly StepRow[]) => void,
): { abort(): void } {
  const expectsCluster = 'settings' in body && body.settings.cluster !== '';
  let isOver = false;
  let rows = rowsOf('', expectsCluster);
  const onAnswer = (answer: string): void => {
    if (isOver) return;
    rows = rowsOf(answer, expectsCluster, 'settings' in body ? currentWarnings() : []);
    show(rows);
  };
  const end = (why: string): void => {
    if (!isOver) show(endedRows(rows, why));
    isOver = true;
  };
  show(rows);
  const request = $.ajax({
    url,
    type: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(body),
    dataType: 'text',
    timeout: WAIT_LIMIT,
    xhrFields: { onprogress: ({ target }) => onAnswer(textSoFar(target)) },
    success: (answer) => {
      onAnswer(typeof answer === 'string' ? answer : '');
      end(text('check.outcome.failed'));
    },
    error: ({ status }) => end(requestProblem(status, undefined, 'check.forbidden')),
  });
  return {
    abort: () => {
      isOver = true;
      request.abort();
    },
  };
}

/** The connection as it stands in the open dialog. */
function openDraft(id: string): ConnectionDraft {
  const settings = SETTINGS.map((name): [string, unknown] => [name, enteredIn(connectionField(name))]);
  const secrets = [...CREDENTIALS, ...CLUSTER_CREDENTIALS];
  const credentials = Object.fromEntries(secrets.map((name) => [name, valueOf(connectionField(name))]));
  return { id, settings: Object.fromEntries(settings), credentials: knownCredentials(credentials) };
}

/** What is entered in the field with this id. */
function enteredIn(id: string): unknown {
  const field = element(id);
  if (field instanceof HTMLInputElement && field.type === 'checkbox') return isTicked(id);
  const value = valueOf(id);
  // The editor's word for none.
  return value === '_ADD_' ? '' : value;
}

function textSoFar(request: unknown): string {
  const isRequest = typeof request === 'object' && request !== null && 'responseText' in request;
  return isRequest && typeof request.responseText === 'string' ? request.responseText : '';
}

/** Rows that stay as they are keep their elements, so that a screen reader reads out only the others. */
export function showRows(list: HTMLElement, rows: readonly StepRow[]): void {
  if (list.children.length !== rows.length) list.replaceChildren(...rows.map(() => make('li', '')));
  rows.forEach(({ step, outcome, words }, index) => {
    const item = list.children[index];
    if (!(item instanceof HTMLElement) || item.dataset.outcome === outcome) return;
    const icon = make('i', `fa fa-fw ${ICONS[outcome]}`);
    icon.setAttribute('aria-hidden', 'true');
    item.dataset.step = step;
    item.dataset.outcome = outcome;
    item.replaceChildren(icon, make('b', '', text(`check.step.${step}`)), ' ', make('span', '', words));
  });
}

/** One row of the list that a check fills. */
export interface StepRow {
  readonly step: CheckStepName;
  readonly outcome: 'pending' | CheckStep['outcome'];
  readonly words: string;
}

/**
 * The rows of a check, of which `answer` came so far: a step a line, the last of which may not be complete. NATS has a
 * row where the settings, once they are reported, say so; before that where it is expected. Warnings that the dialog shows
 * anyway, `shown`, are not repeated.
 */
export function rowsOf(answer: string, expectsCluster = false, shown: readonly string[] = []): StepRow[] {
  const steps = answer.split('\n').flatMap((line) => readStep(parseJson(line)) ?? []);
  const settings = steps.find(({ step }) => step === 'settings');
  const hasCluster = settings ? settings.hasCluster === true : expectsCluster;
  return checkSteps(hasCluster).map((name) => {
    const step = steps.find((one) => one.step === name);
    return {
      step: name,
      outcome: step?.outcome ?? 'pending',
      words: step ? wordsOf(step, shown) : text('check.outcome.pending'),
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

function wordsOf(step: CheckStep, shown: readonly string[]): string {
  const { outcome, failure, warnings = [], lines, messengers } = step;
  // Only what is deployed is tried again.
  if (failure?.code === 'CONNECTION_LOST') return text('check.outage', failure.params);
  if (failure?.code === 'CLUSTER_FAILED' && failure.reason === 'unreachable') {
    return text('check.noNats', failure.params);
  }
  if (outcome === 'failed') return failure ? failureText(failure) : text('check.outcome.failed');
  if (lines === undefined || messengers === undefined) {
    const others = warnings.map(warningText).filter((warning) => !shown.includes(warning));
    return [text(`check.outcome.${outcome}`), ...others].join('. ');
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

const FIELDS = ['apiUrl', 'socketUrl', 'receive', 'webhookUrl', 'cluster', 'clusterAuth', 'clusterTls'] as const;

/** Shows in the open dialog of a connection what is not safe about it, as it stands there. */
export function prepareWarnings(): void {
  for (const name of FIELDS) {
    for (const event of ['change', 'input']) element(connectionField(name)).addEventListener(event, show);
  }
  show();
}

function show(): void {
  element('chatapp-warnings').replaceChildren(...currentWarnings().map((warning) => make('div', '', warning)));
}

/** What is not safe about the connection as it stands in the open dialog. */
function currentWarnings(): string[] {
  const [receive, cluster, login, tls] = (['receive', 'cluster', 'clusterAuth', 'clusterTls'] as const).map((name) =>
    valueOf(connectionField(name)),
  );
  const servers = readServers(cluster ?? '');
  const isPlain = (login === 'user' || login === 'token') && (!tls || tls === '_ADD_');
  const warnings = warningsOf({
    apiUrl: valueOf(connectionField('apiUrl')),
    socketUrl: valueOf(connectionField('socketUrl')),
    webhookUrl: receive === 'socket' ? undefined : valueOf(connectionField('webhookUrl')),
    hasNats: isClustered(cluster ?? ''),
    hasNatsLogin: login !== 'none',
    plainServers: isPlain && typeof servers !== 'string' ? servers : [],
    // The editor knows a user only if somebody had to log in.
    hasAdminAuth: RED.settings.user !== undefined,
  });
  return warnings.map(warningText);
}
