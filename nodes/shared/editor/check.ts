import type { ConnectionDraft } from '../account-answers';
import { endedRows, rowsOf, type StepRow } from './check-steps';
import { CLUSTER_CREDENTIALS, CREDENTIALS } from './credentials';
import { knownCredentials } from './draft';
import { element, isTicked, valueOf } from './fields';
import { make } from './make';
import { requestProblem } from './request-problem';
import { text } from './text';

/** In ms. Node-RED has found out all that it can before. */
const PATIENCE = 15_000;

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
    last = runCheck(openDraft(id), showRows);
  });
}

/** Asks for a check; `show` gets all rows whenever one has changed, until it is aborted. */
function runCheck(draft: ConnectionDraft, show: (rows: readonly StepRow[]) => void): { abort(): void } {
  const expectsCluster = draft.settings.cluster !== '';
  let isOver = false;
  let rows = rowsOf('', expectsCluster);
  const news = (answer: string): void => {
    if (isOver) return;
    rows = rowsOf(answer, expectsCluster);
    show(rows);
  };
  const end = (why: string): void => {
    if (!isOver) show(endedRows(rows, why));
    isOver = true;
  };
  show(rows);
  const request = $.ajax({
    url: 'chatapp/check',
    type: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(draft),
    dataType: 'text',
    timeout: PATIENCE,
    xhrFields: { onprogress: ({ target }) => news(textSoFar(target)) },
    success: (answer) => {
      news(typeof answer === 'string' ? answer : '');
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
  const settings = SETTINGS.map((name): [string, unknown] => [name, settingOf(fieldOf(name))]);
  const secrets = [...CREDENTIALS, ...CLUSTER_CREDENTIALS];
  const credentials = Object.fromEntries(secrets.map((name) => [name, valueOf(fieldOf(name))]));
  return { id, settings: Object.fromEntries(settings), credentials: knownCredentials(credentials) };
}

function settingOf(id: string): unknown {
  const field = element(id);
  if (field instanceof HTMLInputElement && field.type === 'checkbox') return isTicked(id);
  const value = valueOf(id);
  // The editor's word for none.
  return value === '_ADD_' ? '' : value;
}

function fieldOf(name: string): string {
  return `node-config-input-${name}`;
}

function textSoFar(request: unknown): string {
  const isRequest = typeof request === 'object' && request !== null && 'responseText' in request;
  return isRequest && typeof request.responseText === 'string' ? request.responseText : '';
}

/** Rows that stay as they are keep their elements, so that only news is read out. */
function showRows(rows: readonly StepRow[]): void {
  const list = element('chatapp-check-steps');
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
