import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { MessageToMake } from '../../simulator/contract';
import type { FlowNode } from '../../scripts/example-flows';
import { ClockControl, clockEnvironment } from '../scenarios/harness/clock';
import {
  ExampleHarness,
  startWithExamples,
  type ExampleSettings,
  type RunningExample,
} from '../support/example-harness';
import { HttpStub, type FarAnswer, type FarAnswers, type FarRequest } from '../support/http-stub';
import { oncePerWorker } from '../support/once-per-worker';
import { EXPECTED, nameIn, NAMES, phoneOf, Tally, type Outcomes } from './failure-outcomes';

/** An example, as far as its failure runs need to know it. */
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
  /** What the stub server answers while it works; may be that of another server. Default: status 200 without a body. */
  readonly answer?: (request: FarRequest, chatapp: string) => FarAnswer | Promise<FarAnswer>;
  /** Whether a request stores the message; others only look something up. Default: all do. */
  readonly stores?: (request: FarRequest) => boolean;
  /** Whether a request can fail. Default: all can. */
  readonly canFail?: (request: FarRequest) => boolean;
  /** What the server answers if it refuses. Default: status and a text. */
  readonly refusal?: ((failure: FarAnswer) => FarAnswer) | undefined;
  /** What a customer sends besides the text. */
  readonly message?: (name: string, url: string) => Partial<MessageToMake>;
  /** Which message a request is about. Default: the customer that is named in path or body. */
  readonly outcomeOf?: (request: FarRequest) => string | undefined;
  /** Further changes to a node, such as another address. */
  readonly change?: (node: FlowNode, url: string) => FlowNode;
  /** The node whose errors a flow without an alert leaves to the debug sidebar. Default: the listener. */
  readonly reporter?: string;
  /** What has to come of the messages. Default: `EXPECTED`. */
  readonly expected?: Outcomes;
}

/** A run of an example, whatever the server that fails. */
export interface Target extends ExampleSettings, Pick<FailureRun, 'name' | 'message' | 'reporter' | 'expected'> {
  readonly tally: Tally;
  readonly change?: (node: FlowNode) => FlowNode;
  /** Whose message comes first and alone: what fails there would fail for all. */
  readonly ahead?: string;
}

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** Seconds that five attempts take, with the longest waits. */
const ALL_ATTEMPTS = 1_000;
/** What comes twice, comes within so many seconds after that: an event that nobody has acknowledged within 300 s comes again. */
const AFTERWARDS = 330;
/** Clocks are moved by at most so many ms at once. */
const STEP = 2_000;

/** Runs examples in a Node-RED whose clock the test moves: five attempts, which take 13 minutes, take seconds. */
export class FailureHarness {
  #passed = 0;
  #alerts: string[] = [];
  /** What the stub server answers to all but alerts. */
  #answers: FarAnswers = () => ({});

  private constructor(
    readonly examples: ExampleHarness,
    private readonly clock: ClockControl,
    private readonly stub: HttpStub,
  ) {
    stub.answerWith((request) => {
      if (request.path !== '/alert') return this.#answers(request);
      this.#alerts.push(request.body);
      return {};
    });
  }

  static async start(): Promise<FailureHarness> {
    // The simulator uses the same clock.
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
    await this.examples.close();
    await this.stub.down();
  }

  /** Lets an HTTP API fail. */
  run(run: FailureRun): Promise<Outcomes> {
    const { stores = () => true, canFail = () => true, outcomeOf = namedOutcome, answer = () => ({}), change } = run;
    const { refusal = (failure: FarAnswer): FarAnswer => failure } = run;
    const tally = new Tally();
    this.#answers = (request) => {
      const name = outcomeOf(request) ?? '';
      const failure = canFail(request) ? tally.failure(name) : undefined;
      if (failure === undefined) {
        if (stores(request)) tally.store(name);
        return answer(request, this.examples.simulator.url);
      }
      if (failure === 'break') return undefined;
      return failure === 'hang' ? new Promise<undefined>(() => undefined) : refusal(failure);
    };
    const services = run.service === undefined ? {} : { [run.service]: this.stub.url };
    return this.outcomes({
      ...run,
      tally,
      services,
      variables: run.variables(this.stub.url),
      message: (name) => run.message?.(name, this.stub.url) ?? {},
      change: (node) => change?.(node, this.stub.url) ?? node,
    });
  }

  /** A customer for each outcome writes one message, all at the same time. Resolves with what has come of them. */
  async outcomes(target: Target): Promise<Outcomes> {
    const { tally, ahead, expected = EXPECTED } = target;
    this.#alerts = [];
    const [flow, alerts] = await this.#deployed(target);
    await flow.untilListening();
    const outcomes = (): Outcomes => tally.outcomes(alerts());
    if (ahead !== undefined) {
      this.#write(target, ahead);
      await this.#within(ALL_ATTEMPTS, () => isDeepStrictEqual(outcomes()[ahead], expected[ahead]));
    }
    for (const name of NAMES) if (name !== ahead) this.#write(target, name);
    await this.#within(ALL_ATTEMPTS, () => isDeepStrictEqual(outcomes(), expected));
    await this.#within(AFTERWARDS, () => false);
    return outcomes();
  }

  /** The flow, and a function for its alerts so far. */
  async #deployed(target: Target): Promise<[flow: RunningExample, alerts: () => string[]]> {
    const imported = await this.examples.imported(target.name);
    const hasAlert = JSON.stringify(imported).includes('${ALERT_URL}');
    const variables = { ...target.variables, ...(hasAlert && { ALERT_URL: `${this.stub.url}/alert` }) };
    const nodes = (await this.examples.imported(target.name, { ...target, variables })).map(
      target.change ?? ((node) => node),
    );
    if (hasAlert) return [await this.examples.deploy(nodes), () => this.#alerts];
    const flow = await this.examples.deploy([...nodes, ...probeOf(nodes, target.reporter)]);
    return [flow, () => flow.shown('probe').map((shown) => JSON.stringify(shown))];
  }

  #write({ message }: Target, name: string): void {
    const chat = { id: `outcome-${name}`, name: `outcome-${name}`, phone: phoneOf(name) };
    const text = `says urgent outcome-${name}`;
    this.examples.simulator.message({ ...LINE, chat, text, ...message?.(name, this.stub.url) });
  }

  async #within(seconds: number, holds: () => boolean): Promise<void> {
    const end = this.#passed + seconds * 1_000;
    while (!holds() && this.#passed < end) {
      this.#passed += await this.clock.step(Math.min(STEP, end - this.#passed));
    }
  }
}

/** In place of the debug sidebar, which shows the errors that no Catch node takes, a Catch node for those of one node. */
function probeOf(nodes: readonly FlowNode[], reporter: string | undefined): FlowNode[] {
  const isReporter = ({ type, name }: FlowNode): boolean =>
    reporter === undefined ? type === 'chatapp-messenger' : name === reporter;
  const { id, z } = nodes.find(isReporter) ?? assert.fail('there is no such node');
  const [caught, shown] = ['ca0e', '5a0e'].map((start) => `${start}${id.slice(4)}`);
  return [
    { id: String(caught), type: 'catch', z, scope: [id], wires: [[shown]] },
    { id: String(shown), type: 'debug', z, name: 'probe', active: true, tosidebar: true, complete: 'true', wires: [] },
  ];
}

function namedOutcome({ path, body }: FarRequest): string | undefined {
  return nameIn(decodeURIComponent(path) + body);
}

const sharedWithClock = oncePerWorker(
  async () => {
    const started = await startWithExamples(clockEnvironment(0));
    // They name the port of the clock; later files forget them.
    return { ...started, startLines: [...started.nodeRed.lines] };
  },
  ({ nodeRed }) => nodeRed.stop(),
);
