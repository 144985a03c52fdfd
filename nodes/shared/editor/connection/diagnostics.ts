import { element } from '../page/dom';
import { requestProblem } from '../page/requests';
import { text } from '../page/text';

/** In ms. */
const WAIT_LIMIT = 15_000;

/** Makes the button of the open dialog copy the report of the connection as it is deployed. `id` is that of its node. */
export function prepareDiagnostics(id: string): void {
  const note = element('chatapp-report-note');
  element('chatapp-report').addEventListener('click', () => {
    note.textContent = '';
    $.ajax({
      url: `chatapp/diagnostics/${encodeURIComponent(id)}`,
      type: 'GET',
      dataType: 'text',
      timeout: WAIT_LIMIT,
      success: (report) => show(typeof report === 'string' ? report : ''),
      error: ({ status }) => {
        const isDeployed = status !== 404;
        const why = isDeployed ? requestProblem(status, undefined, 'report.forbidden') : text('report.notDeployed');
        note.textContent = why;
      },
    });
  });

  /** It is shown, too: who sends a report should see what is in it, and some browsers let nobody copy. */
  function show(report: string): void {
    const shown = element('chatapp-report-text');
    shown.textContent = report;
    shown.hidden = false;
    const isCopied = RED.clipboard.copyText(report, $('#chatapp-report'), text('report.copied'));
    note.textContent = isCopied ? text('report.copied') : text('report.notCopied');
  }
}
