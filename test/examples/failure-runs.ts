import assert from 'node:assert/strict';
import type { MessageToMake } from '../../simulator/contract';
import { ClockControl, clockEnvironment } from '../scenarios/harness/clock';
import { ExampleHarness, startWithExamples, type ExampleSettings } from '../support/example-harness';
import { HttpStub, type FarAnswer, type FarRequest } from '../support/http-stub';
import { oncePerWorker } from '../support/once-per-worker';

/** An example that calls an HTTP API, as far as its failure runs need to know it. */
export interface FailureRun {
  readonly name: string;
  /** Tells apart several runs of one example. Default: its name. */
  readonly title?: string;
  /** Runs with each `npm test`: one of each kind of example does. Default: only with `FAILURE_RUNS=all`. */
  readonly always?: boolean;
  /** What is set in the tab and in subflows; `url` is that of the stub server. */
  readonly variables: (url: string) => NonNullable<ExampleSettings['variables']>;
  /** An address in the flow that is that of the stub server here, such as `https://slack.com`. */
  readonly service?: string;
  /** What the stub server answers while it works. Default: status 200 without a body. */
  readonly answer?: (request: FarRequest) => FarAnswer;
  /** Whether a request stores the message; others only look something up. Default: all do. */
  readonly stores?: (request: FarRequest) => boolean;
  /** Whether a request can fail. Default: all can. */
  readonly canFail?: (request: FarRequest) => boolean;
  /** What a customer sends besides the text. */
  readonly message?: (name: string, url: string) => Partial<MessageToMake>;
  /** Which message a request is about. Default: the outcome that is named in path or body. */
  readonly outcomeOf?: (request: FarRequest) => string | undefined;
}

/** What happens to the first request about a message, and what has to come of it. */
interface SendOutcome {
  /** The answer to the request with this number, counted from 1; `hang` gives none, `break` ends the connection. */
  readonly fails?: (attempt: number) => FarAnswer | 'hang' | 'break' | undefined;
  readonly expected: Outcome;
}

export interface Outcome {
  /** How often the stub server has stored the message. */
  readonly stored: number;
  /** How often it has refused it, or has not answered. */
  readonly failed: number;
  readonly alerts: number;
}

const first = (failure: FarAnswer | 'hang' | 'break') => (attempt: number) => (attempt === 1 ? failure : undefined);
const RETRIED = { stored: 1, failed: 1, alerts: 0 };
const FATES: Readonly<Record<string, SendOutcome>> = {
  works: { expected: { stored: 1, failed: 0, alerts: 0 } },
  refused: {
    fails: () => ({ status: 400, body: 'no use for outcome-refused' }),
    expected: { stored: 0, failed: 1, alerts: 1 },
  },
  busy: { fails: first({ status: 429, headers: { 'retry-after': '20' } }), expected: RETRIED },
  down: { fails: first({ status: 503, body: 'down' }), expected: RETRIED },
  hangs: { fails: first('hang'), expected: RETRIED },
  breaks: { fails: first('break'), expected: RETRIED },
  gone: { fails: () => ({ status: 503, body: 'no outcome-gone' }), expected: { stored: 0, failed: 5, alerts: 1 } },
};
export const EXPECTED = Object.fromEntries(Object.entries(FATES).map(([name, { expected }]) => [name, expected]));

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** Seconds that five attempts take, with the longest waits. */
const ALL_ATTEMPTS = 1_000;
/** What comes twice, comes within so many seconds after that. */
const AFTERWARDS = 60;
/** Clocks are moved by at most so many ms at once. */
const STEP = 2_000;

/** Runs examples in a Node-RED whose clock the test moves: five attempts, which take 13 minutes, take seconds. */
export class FailureHarness {
  #passed = 0;

  private constructor(
    private readonly harness: ExampleHarness,
    private readonly clock: ClockControl,
    private readonly stub: HttpStub,
  ) {}

  static async start(): Promise<FailureHarness> {
    // The simulator goes by the same clock.
    const now = (): number => Date.now() + (failures?.passed ?? 0);
    let failures: FailureHarness | undefined = undefined;
    const harness = await ExampleHarness.start(sharedWithClock, { now });
    const clock = await ClockControl.connect((await sharedWithClock()).startLines);
    failures = new FailureHarness(harness, clock, await HttpStub.start());
    return failures;
  }

  get passed(): number {
    return this.#passed;
  }

  async close(): Promise<void> {
    this.clock.close();
    await this.harness.close();
    await this.stub.down();
  }

  /** A customer for each outcome writes one message, all at the same time. Resolves with what has come of them. */
  async run(run: FailureRun): Promise<Record<string, Outcome>> {
    const { variables, answer = () => ({}), stores = () => true, canFail = () => true, outcomeOf = namedOutcome } = run;
    const stored = new Map<string, number>();
    const failed = new Map<string, number>();
    const alerts: string[] = [];
    this.stub.answerWith((request) => {
      if (request.path === '/alert') {
        alerts.push(request.body);
        return {};
      }
      const name = outcomeOf(request) ?? '';
      const failure = canFail(request) ? FATES[name]?.fails?.((failed.get(name) ?? 0) + 1) : undefined;
      if (failure === undefined) {
        if (stores(request)) count(stored, name);
        return answer(request);
      }
      count(failed, name);
      if (failure === 'break') return undefined;
      return failure === 'hang' ? new Promise(() => undefined) : failure;
    });
    const imported = await this.harness.imported(run.name);
    const hasAlert = JSON.stringify(imported).includes('${ALERT_URL}');
    const listener = imported.find(({ type }) => type === 'chatapp-messenger') ?? assert.fail('there is no listener');
    const settings = { ...variables(this.stub.url), ...(hasAlert && { ALERT_URL: `${this.stub.url}/alert` }) };
    const services = run.service === undefined ? {} : { [run.service]: this.stub.url };
    const flow = await this.harness.deploy(await this.harness.imported(run.name, { variables: settings, services }));
    // A simple flow leaves its errors to the debug sidebar.
    const reported = (): string[] => (hasAlert ? alerts : this.errorsOf(listener.id));
    await flow.untilListening();
    for (const name of Object.keys(FATES)) {
      const chat = { id: `outcome-${name}`, name: `outcome-${name}`, phone: phoneOf(name) };
      const text = `says urgent outcome-${name}`;
      this.harness.simulator.message({ ...LINE, chat, text, ...run.message?.(name, this.stub.url) });
    }
    const outcomes = (): Record<string, Outcome> =>
      Object.fromEntries(
        Object.keys(FATES).map((name) => [
          name,
          {
            stored: stored.get(name) ?? 0,
            failed: failed.get(name) ?? 0,
            alerts: reported().filter((text) => text.includes(`outcome-${name}`)).length,
          },
        ]),
      );
    const isAsExpected = (): boolean =>
      Object.entries(outcomes()).every(([name, outcome]) => isEqual(outcome, FATES[name]?.expected));
    await this.within(ALL_ATTEMPTS, isAsExpected);
    await this.within(AFTERWARDS, () => false);
    return outcomes();
  }

  /** Errors of a node that no Catch node takes are shown in the debug sidebar. */
  private errorsOf(id: string): string[] {
    return this.harness.nodeRed.shownBy(id).map((shown) => JSON.stringify(shown));
  }

  private async within(seconds: number, holds: () => boolean): Promise<void> {
    const end = this.#passed + seconds * 1_000;
    while (!holds() && this.#passed < end) {
      this.#passed += await this.clock.step(Math.min(STEP, end - this.#passed));
    }
  }
}

/** The phone of the customer with this outcome, for APIs that find people by it. */
export function phoneOf(name: string): string {
  return `7700000010${Object.keys(FATES).indexOf(name)}`;
}

function namedOutcome({ path, body }: FarRequest): string | undefined {
  return /outcome-([a-z]+)/.exec(decodeURIComponent(path) + body)?.[1];
}

const sharedWithClock = oncePerWorker(
  async () => {
    const started = await startWithExamples(clockEnvironment(0));
    // They name the port of the clock; later files forget them.
    return { ...started, startLines: [...started.nodeRed.lines] };
  },
  ({ nodeRed }) => nodeRed.stop(),
);

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function isEqual(one: Outcome, other: Outcome | undefined): boolean {
  return one.stored === other?.stored && one.failed === other.failed && one.alerts === other.alerts;
}
