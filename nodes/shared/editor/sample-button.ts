import { isRecord } from '../../../src/events/json';
import { text } from './text';

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
