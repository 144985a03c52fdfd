import type { Simulator } from '../../simulator';
import type { EditorHarness } from './editor-harness';
import { connectionTo, type FlowNode } from './node-red-child';

/** In px: the narrowest sidebar that Node-RED allows. */
const WIDTH = 280;

/** The nodes that the states in `health-states.ts` are about. */
export function sidebarFlow(simulator: Simulator): FlowNode[] {
  const listener = { z: 'tab', type: 'chatapp-messenger', connection: 'shop', events: ['message'], outputs: 1 };
  return [
    { id: 'tab', type: 'tab', label: 'Flow' },
    { id: 'other', type: 'tab', label: 'Other flow' },
    { ...connectionTo(simulator, 'shop'), name: 'Flowers & Co' },
    { ...listener, id: 'listener', name: 'every message', x: 200, y: 100, wires: [[]] },
    { ...listener, id: 'worker', name: 'orders to CRM', ack: 'done', x: 200, y: 200, wires: [[]] },
    { ...listener, id: 'elsewhere', z: 'other', name: 'statistics', x: 200, y: 100, wires: [[]] },
    { z: 'tab', id: 'answer', type: 'chatapp-send', connection: 'shop', name: 'answer', x: 500, y: 100, wires: [[]] },
  ];
}

/** Opens the tab, in a sidebar that is as narrow as can be. */
export async function openSidebar({ page }: Pick<EditorHarness, 'page'>): Promise<void> {
  await page.evaluate("RED.actions.invoke('chatapp:show-sidebar')");
  await page.locator('.chatapp-sidebar').waitFor();
  await page.evaluate(`(() => {
    const sidebar = document.querySelector('.chatapp-sidebar').closest('#red-ui-sidebar, .red-ui-sidebar');
    sidebar.style.width = '${WIDTH}px';
    window.dispatchEvent(new Event('resize'));
  })()`);
}
