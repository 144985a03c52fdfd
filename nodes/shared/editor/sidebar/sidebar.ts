import type { HealthEntry } from '../../health-answers';
import { make } from '../page/dom';
import { text } from '../page/text';
import { HealthReader, type HealthReading } from './health-reader';
import { headingItem, OpenRows, rowItem } from './row';
import { countOf, rowsOf } from './rows';
import { SidebarActs } from './sidebar-acts';
import style from './sidebar.css';
import { Times } from './times';
import { Toolbar } from './toolbar';
import { WindowedList } from './windowed-list';

const ID = 'chatapp-sidebar';
const ACTION = 'chatapp:show-sidebar';
const TOPIC = 'chatapp/health';
const STYLE_ID = 'chatapp-sidebar-style';

/** Adds the tab to the sidebar. After an update without a reload, it takes the place of the earlier one. */
export function addSidebar(): void {
  if (RED.sidebar.containsTab(ID)) RED.sidebar.removeTab(ID);
  document.getElementById(STYLE_ID)?.remove();
  const sheet = make('style', '', style);
  sheet.id = STYLE_ID;
  document.head.append(sheet);
  const sidebar = new Sidebar();
  RED.actions.remove(ACTION);
  RED.actions.add(ACTION, () => RED.sidebar.show(ID));
  RED.sidebar.addTab({
    id: ID,
    label: text('chatapp-sidebar.label'),
    name: text('chatapp-sidebar.name'),
    iconClass: 'fa fa-comments',
    action: ACTION,
    enableOnEdit: true,
    content: $(sidebar.element),
    onremove: () => sidebar.end(),
  });
}

/** The state of all connections, in a tab of the sidebar. */
class Sidebar {
  readonly element = make('div', 'chatapp-sidebar');
  private readonly list = new WindowedList();
  private readonly toolbar = new Toolbar(() => this.draw());
  private readonly open = new OpenRows(() => this.draw());
  private readonly acts = new SidebarActs(() => this.list.draw());
  private readonly note = make('div', 'chatapp-message');
  private readonly reader = new HealthReader((reading) => this.take(reading));
  private readonly sight: IntersectionObserver;
  private readonly size = new ResizeObserver(() => this.list.draw());
  private entries: readonly HealthEntry[] | undefined;
  private serverTime: number | undefined;

  constructor() {
    this.note.setAttribute('role', 'status');
    this.element.append(this.toolbar.element, this.note, this.list.element);
    this.say(text('chatapp-sidebar.reading'));
    // The editor does not say when it shows or hides a tab.
    this.sight = new IntersectionObserver((seen) => this.reader.watch(seen[seen.length - 1]?.isIntersecting === true));
    this.sight.observe(this.element);
    this.size.observe(this.list.element);
    RED.comms.subscribe(TOPIC, this.reader.onChange);
    RED.comms.on('connect', this.reader.onChange);
    RED.events.on('deploy', this.reader.onChange);
    RED.events.on('flows:loaded', this.reader.onChange);
  }

  end(): void {
    this.reader.watch(false);
    this.sight.disconnect();
    this.size.disconnect();
    RED.comms.unsubscribe(TOPIC, this.reader.onChange);
    RED.comms.off('connect', this.reader.onChange);
    RED.events.off('deploy', this.reader.onChange);
    RED.events.off('flows:loaded', this.reader.onChange);
  }

  private take(reading: HealthReading): void {
    if ('problem' in reading) {
      // What was known is old by now, and would say that all is well.
      this.entries = undefined;
      this.list.show([]);
      this.toolbar.showCount(undefined);
      return this.say(reading.problem, true);
    }
    this.entries = reading.connections;
    this.serverTime = reading.serverTime;
    this.draw();
  }

  private draw(): void {
    if (this.entries === undefined) return;
    const times = new Times(this.serverTime);
    const everything = rowsOf(this.entries, times, this.acts, { search: '', onlyAttention: false });
    const { wanted } = this.toolbar;
    const isAll = wanted.search === '' && !wanted.onlyAttention;
    const rows = isAll ? everything : rowsOf(this.entries, times, this.acts, wanted);
    this.list.show(rows.map((row) => ('heading' in row ? headingItem(row) : rowItem(row, this.open))));
    this.toolbar.showCount(this.entries.length === 0 ? undefined : countOf(everything));
    if (this.entries.length === 0) this.say(text('chatapp-sidebar.empty'));
    else if (rows.length > 0) this.say('');
    else this.say(text(wanted.search === '' ? 'chatapp-sidebar.nothingToDo' : 'chatapp-sidebar.nothingFound'));
  }

  private say(words: string, isProblem = false): void {
    this.note.hidden = words === '';
    this.note.classList.toggle('chatapp-problem', isProblem);
    if (this.note.textContent !== words) this.note.textContent = words;
  }
}
