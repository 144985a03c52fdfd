import type { GapRequest } from '../../health-answers';
import { runCheck, showRows } from '../connection/check';
import { make } from '../page/dom';
import { logBug, requestProblem, send } from '../page/requests';
import { text } from '../page/text';
import { DeadLetters } from './dead-letters';

/** In ms. Node-RED answers out of memory; a report of 1,000 lines takes a moment. */
const WAIT_LIMIT = 15_000;

/** What the buttons and links of the rows do. */
export class SidebarActs {
  private readonly panels = new Map<string, HTMLElement>();
  private readonly checks = new Map<string, { abort(): void }>();

  /** @param onResize something in a row has become larger or smaller */
  constructor(private readonly onResize: () => void) {}

  /** Whether the user may do more than look. Node-RED decides it, too. */
  get mayWrite(): boolean {
    return RED.user.hasPermission('chatapp.write');
  }

  /** What a node is called; its id if the editor does not have it. */
  nameOf(id: string): string {
    const node = RED.nodes.node(id);
    return node ? RED.utils.getNodeLabel(node, id) : id;
  }

  /** Shows a node in its flow, selected; of a configuration node, its dialog. */
  reveal(id: string): void {
    const node = RED.nodes.node(id);
    if (!node) return RED.notify(text('chatapp-sidebar.noNode'), 'warning');
    if (isDialogOpen()) return RED.notify(text('chatapp-sidebar.closeDialog'), 'warning');
    // To show a configuration node, the editor would put its list in the place of this tab.
    if (node._def.category === 'config') return RED.editor.editConfig('', node.type, id);
    RED.view.reveal(id);
    RED.view.select({ nodes: [node] });
  }

  /** Selects nodes: those on the flow that is shown, or on the flow of the first one. */
  selectNodes(ids: readonly string[]): void {
    const nodes = ids.flatMap((id) => RED.nodes.node(id) ?? []);
    const [first] = nodes.filter(({ z }) => z === RED.workspaces.active()).concat(nodes);
    if (!first || isDialogOpen()) return this.reveal(first?.id ?? '');
    RED.view.reveal(first.id);
    RED.view.select({ nodes: nodes.filter(({ z }) => z === first.z) });
  }

  /** A link to each node, after these words. */
  nodeLinks(ids: readonly string[], words = ''): HTMLElement {
    const list = make('div', 'chatapp-links');
    if (words !== '' && ids.length > 0) list.append(make('span', '', words));
    for (const id of ids) {
      const link = make('button', 'chatapp-link', this.nameOf(id));
      link.type = 'button';
      link.dataset.focus = `node ${id}`;
      link.title = text('chatapp-sidebar.act.showNode');
      link.addEventListener('click', () => this.reveal(id));
      list.append(link);
    }
    return list;
  }

  bar(...buttons: readonly HTMLElement[]): HTMLElement {
    const bar = make('div', 'chatapp-bar');
    bar.append(...buttons);
    return bar;
  }

  /** What a button of this row has opened; it stays while the row is drawn again. */
  panel(key: string): HTMLElement {
    const known = this.panels.get(key) ?? make('div', 'chatapp-panel');
    this.panels.set(key, known);
    return known;
  }

  /** Tries a connection as it is deployed. */
  check(id: string): void {
    const steps = make('ul', 'chatapp-steps');
    steps.setAttribute('aria-live', 'polite');
    this.panel(`connection ${id}`).replaceChildren(steps);
    this.checks.get(id)?.abort();
    const check = runCheck(`chatapp/check/${encodeURIComponent(id)}`, {}, (rows) => {
      showRows(steps, rows);
      this.onResize();
    });
    this.checks.set(id, check);
  }

  /** Fetches what is missing on a channel, or on all. */
  fetchNow(id: string, channel: string | undefined, button: HTMLButtonElement): void {
    const body: GapRequest = channel === undefined ? {} : { channel };
    button.disabled = true;
    send({ url: `chatapp/gap/${encodeURIComponent(id)}`, type: 'POST', body, timeout: WAIT_LIMIT })
      .then(({ status, body: answer }) => {
        button.disabled = false;
        if (status === 200) RED.notify(text('chatapp-sidebar.fetching'), { type: 'success', timeout: 3_000 });
        else RED.notify(requestProblem(status, answer, 'chatapp-sidebar.mayNotWrite'), 'error');
      })
      .catch(logBug);
  }

  copyReport(id: string, button: HTMLButtonElement): void {
    const url = `chatapp/diagnostics/${encodeURIComponent(id)}`;
    send({ url, type: 'GET', timeout: WAIT_LIMIT, dataType: 'text' })
      .then(({ status, body }) => {
        if (status !== 200 || typeof body !== 'string') {
          return RED.notify(requestProblem(status, body, 'chatapp-sidebar.forbidden'), 'error');
        }
        if (RED.clipboard.copyText(body, $(button), text('sample.copied'))) return undefined;
        return this.showReport(id, body);
      })
      .catch(logBug);
  }

  /** For browsers that do not let a page copy. */
  private showReport(id: string, report: string): void {
    const field = make('textarea', 'chatapp-report');
    field.readOnly = true;
    field.value = report;
    field.setAttribute('aria-label', text('chatapp-sidebar.act.copyReport'));
    this.panel(`connection ${id}`).replaceChildren(make('p', '', text('chatapp-sidebar.copyByHand')), field);
    this.onResize();
    field.select();
  }

  showDeadLetters(key: string, connection: string, listener: string): void {
    new DeadLetters(this.panel(key), { connection, listener }, this.mayWrite, this.onResize).open();
  }
}

function isDialogOpen(): boolean {
  return document.querySelector('.red-ui-tray') !== null;
}
