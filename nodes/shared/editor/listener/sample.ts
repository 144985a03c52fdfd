import { eventsOf, isKnownEvent } from '../../../../src/events/catalogue';
import type { ChannelType } from '../../../../src/events/channels';
import { isRecord } from '../../../../src/events/json';
import { element, make, valueOf } from '../page/dom';
import { logBug, requestProblem, send } from '../page/requests';
import { text } from '../page/text';
import { tickedEvents } from './event-list';

/** In ms. */
const WAIT_LIMIT = 15_000;

/**
 * Shows, when it is unfolded, the `msg` that the listener in the open dialog would send for one of its events; made up,
 * as by its button. `ids` names the fields that the message follows.
 */
export function prepareSampleMessage(channelType: ChannelType, ids: readonly string[]): void {
  const details = element('chatapp-sample');
  const choice = element('chatapp-sample-event');
  let turn = 0;
  const show = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    if (!details.hasAttribute('open')) return;
    const query = new URLSearchParams(ids.map((name) => [name, valueOf(`node-input-${name}`)?.trim() ?? '']));
    const event = encodeURIComponent(valueOf(choice.id) ?? '');
    // Relative: the editor may live under any path.
    const url = `chatapp/sample/${channelType}/${event}?${query}`;
    const { status, body } = await send({ url, type: 'GET', timeout: WAIT_LIMIT });
    if (mine === turn)
      fill(status === 200 ? JSON.stringify(body, undefined, 2) : undefined, requestProblem(status, body));
  };
  const refresh = (): void => {
    show().catch(logBug);
  };
  const offer = (): void => {
    const chosen = valueOf(choice.id);
    const names = offeredEvents(channelType);
    choice.replaceChildren(...names.map((name) => option(name, name === chosen)));
    refresh();
  };
  details.addEventListener('toggle', offer);
  element('chatapp-events-list').addEventListener('change', offer);
  element('chatapp-events-none').addEventListener('click', offer);
  choice.addEventListener('change', refresh);
  for (const name of ids) element(`node-input-${name}`).addEventListener('change', refresh);
  const button = element('chatapp-sample-copy');
  button.addEventListener('click', () => {
    RED.clipboard.copyText(element('chatapp-sample-msg').textContent, $(button), text('sample.copied'));
  });
}

/** The ticked events, or all that there are; of those that only this flow knows there is no sample. */
function offeredEvents(channelType: ChannelType): string[] {
  const ticked = tickedEvents(channelType).filter((name) => isKnownEvent(name));
  return ticked.length > 0 ? ticked : eventsOf(channelType).map(({ name }) => name);
}

function option(name: string, isChosen: boolean): HTMLOptionElement {
  const made = make('option', '', name);
  made.value = name;
  made.selected = isChosen;
  return made;
}

function fill(message: string | undefined, problem: string): void {
  element('chatapp-sample-msg').textContent = message ?? problem;
  element('chatapp-sample-copy').toggleAttribute('disabled', message === undefined);
}

interface Deployed {
  readonly id: string;
  /** True where the editor knows of changes that Node-RED does not have yet. */
  readonly changed?: boolean;
}

/** Asks Node-RED to send a sample through the flow of a listener, and says what came of it. */
export function sendSample(node: Deployed): void {
  if (node.changed) return RED.notify(text('sample.notDeployed'), 'warning');
  $.ajax({
    // Relative: the editor may live under any path.
    url: `chatapp/sample/${encodeURIComponent(node.id)}`,
    type: 'POST',
    success: (answer) =>
      RED.notify(text('sample.sent', { event: eventOf(answer) }), { type: 'success', timeout: 2_000 }),
    error: ({ status }) => RED.notify(text(reasonOf(status)), 'error'),
  });
}

function eventOf(answer: unknown): string {
  return isRecord(answer) && typeof answer.event === 'string' ? answer.event : '';
}

function reasonOf(status: number): string {
  if (status === 404) return 'sample.notDeployed';
  return status === 401 || status === 403 ? 'sample.forbidden' : 'sample.failed';
}
