import type { FarAnswer } from '../support/http-stub';

/** How a server fails: with this answer; `hang` gives none, `break` ends the connection. */
export type Failure = FarAnswer | 'hang' | 'break';

/** What comes of one message. */
export interface Outcome {
  /** How often the server has stored the message. */
  readonly stored: number;
  /** How often it has refused it, or has not answered. */
  readonly failed: number;
  readonly alerts: number;
}

export type Outcomes = Readonly<Record<string, Outcome>>;

interface Scenario {
  /** How the request with this number fails, counted from 1. */
  readonly fails: (attempt: number) => Failure | undefined;
  readonly expected: Outcome;
}

const first = (failure: Failure) => (attempt: number) => (attempt === 1 ? failure : undefined);
const STORED = { stored: 1, failed: 0, alerts: 0 };
const RETRIED = { stored: 1, failed: 1, alerts: 0 };
const GIVEN_UP_AT_ONCE = { stored: 0, failed: 1, alerts: 1 };
const GIVEN_UP = { stored: 0, failed: 5, alerts: 1 };
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  works: { fails: () => undefined, expected: STORED },
  refused: { fails: () => ({ status: 400, body: 'no use for outcome-refused' }), expected: GIVEN_UP_AT_ONCE },
  busy: { fails: first({ status: 429, headers: { 'retry-after': '20' } }), expected: RETRIED },
  down: { fails: first({ status: 503, body: 'down' }), expected: RETRIED },
  hangs: { fails: first('hang'), expected: RETRIED },
  breaks: { fails: first('break'), expected: RETRIED },
  gone: { fails: () => ({ status: 503, body: 'no outcome-gone' }), expected: GIVEN_UP },
};

/** The names of the customers: a server fails for each of them in its own way. */
export const NAMES: readonly string[] = Object.keys(SCENARIOS);
/** What has to come of their messages if the listener repeats what failed. */
export const EXPECTED = outcomesOf((name) => SCENARIOS[name]?.expected);
/** The same if no refusal of the server is final. */
export const EXPECTED_WITHOUT_STATUS = outcomesOf((name) => (name === 'refused' ? GIVEN_UP : EXPECTED[name]));
/** The same if the server is ChatApp: what may have been sent is not sent again, so that nobody gets it twice. */
export const EXPECTED_OF_ANSWERS = outcomesOf((name) =>
  ['down', 'hangs', 'breaks', 'gone'].includes(name) ? GIVEN_UP_AT_ONCE : EXPECTED[name],
);
/** The same if the customer gets another answer in place of the one that the server does not give. */
export const EXPECTED_WITH_SUBSTITUTE = outcomesOf((name) => (name === 'works' ? STORED : RETRIED));

/** Counts what comes of the messages of one run, and says how the server fails. */
export class Tally {
  readonly #stored = new Map<string, number>();
  readonly #failed = new Map<string, number>();

  /** How the server fails at a request about the message of `name`; undefined if it works. */
  failure(name: string): Failure | undefined {
    const attempt = (this.#failed.get(name) ?? 0) + 1;
    const failure = SCENARIOS[name]?.fails(attempt);
    if (failure !== undefined) this.#failed.set(name, attempt);
    return failure;
  }

  store(name: string): void {
    this.#stored.set(name, (this.#stored.get(name) ?? 0) + 1);
  }

  /** @param alerts the texts of all alerts; each names the message that it is about */
  outcomes(alerts: readonly string[]): Outcomes {
    return outcomesOf((name) => ({
      stored: this.#stored.get(name) ?? 0,
      failed: this.#failed.get(name) ?? 0,
      alerts: alerts.filter((text) => text.includes(`outcome-${name}`)).length,
    }));
  }
}

/** The phone of this customer, for APIs that find people by it. */
export function phoneOf(name: string): string {
  return `7700000010${NAMES.indexOf(name)}`;
}

/** The customer that a text names. */
export function nameIn(text: string): string | undefined {
  return /outcome-([a-z]+)/.exec(text)?.[1];
}

function outcomesOf(outcome: (name: string) => Outcome | undefined): Outcomes {
  return Object.fromEntries(NAMES.map((name) => [name, outcome(name) ?? { stored: 0, failed: 0, alerts: 0 }]));
}
