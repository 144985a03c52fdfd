import { isRecord } from '../../../../src/events/json';
import type { HealthAnswer, HealthEntry } from '../../health-answers';
import { requestProblem, send } from '../page/requests';

/** In ms. Node-RED answers out of memory. */
const WAIT_LIMIT = 10_000;
/** In ms. Node-RED tells of changes only to those who have asked within 10 s. */
const ASK_EVERY = 4_000;
/** In ms. Of changes that come in a row, one is asked for. */
const ASK_AFTER = 100;

/** What Node-RED answered, and when, in ms since the epoch by its own clock; or why there is no answer. */
export type HealthReading =
  | { readonly connections: readonly HealthEntry[]; readonly serverTime: number | undefined }
  | { readonly problem: string };

/** Asks Node-RED for the state of all connections while somebody looks. */
export class HealthReader {
  private isWatched = false;
  private isAsking = false;
  private isOutdated = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly show: (reading: HealthReading) => void) {}

  /** Begins and ends asking. */
  watch(isWatched: boolean): void {
    if (this.isWatched === isWatched) return;
    this.isWatched = isWatched;
    this.askIn(0);
  }

  /** Something has changed, as far as somebody knows: asks soon, if somebody looks. */
  readonly onChange = (): void => {
    if (this.isAsking) this.isOutdated = true;
    else this.askIn(ASK_AFTER);
  };

  private askIn(delay: number): void {
    clearTimeout(this.timer);
    if (this.isWatched && !this.isAsking) this.timer = setTimeout(() => this.ask(), delay);
  }

  private ask(): void {
    this.isAsking = true;
    this.isOutdated = false;
    const end = (): void => {
      this.isAsking = false;
      this.askIn(this.isOutdated ? ASK_AFTER : ASK_EVERY);
    };
    this.read().then(end, (error: unknown) => {
      console.error('node-red-chatapp', error);
      end();
    });
  }

  private async read(): Promise<void> {
    const { status, body, sentAt } = await send({ url: 'chatapp/health', type: 'GET', timeout: WAIT_LIMIT });
    if (!this.isWatched) return;
    if (status === 200 && isHealthAnswer(body)) this.show({ connections: body.connections, serverTime: sentAt });
    else this.show({ problem: requestProblem(status, body, 'chatapp-sidebar.forbidden') });
  }
}

/** Node-RED answers as this version writes it; a proxy in between may answer anything. */
function isHealthAnswer(answer: unknown): answer is HealthAnswer {
  if (!isRecord(answer) || !Array.isArray(answer.connections)) return false;
  return answer.connections.every((entry) => isRecord(entry) && typeof entry.id === 'string' && isHealth(entry.health));
}

function isHealth(health: unknown): boolean {
  if (health === undefined) return true;
  const lists = ['channels', 'listeners', 'senders', 'errors'];
  return isRecord(health) && isRecord(health.login) && lists.every((name) => Array.isArray(health[name]));
}
