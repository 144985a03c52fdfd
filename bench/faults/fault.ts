import type { Simulator, SimulatorOptions } from '../../simulator';
import type { Client } from './clients/client';
import type { SentText, Letters, Tuning } from './clients/settings';
import type { Traffic } from './traffic';

/** Where a fault happens: one client, one simulator, and numbered events between them. */
export interface Scenario {
  readonly simulator: Simulator;
  readonly client: Client;
  readonly traffic: Traffic;
  /** Lets our client send texts, all at once; resolves with what became of each, once that is certain. */
  readonly send: (letters: Letters) => Promise<readonly SentText[]>;
  /** Waits for `ms`. */
  readonly wait: (ms: number) => Promise<void>;
  /** Resolves when the client believes to be up or not, and after `ms` at the latest; says whether it came to that. */
  readonly untilClient: (isUp: boolean, ms: number) => Promise<boolean>;
}

export interface Fault {
  readonly name: string;
  /** Makes it happen and resolves when it is over. The result is a figure to print beside the others. */
  happen(scenario: Scenario): Promise<string | undefined>;
  readonly simulator?: SimulatorOptions;
  readonly tuning?: Tuning;
  /** Our client remembers in files. */
  readonly inFiles?: true;
  /** Every event comes several times. */
  readonly repeats?: true;
  /** How many messages may come twice: a crash before the position is written rather doubles than loses. */
  readonly mayDouble?: number;
  /** Nothing tells that there is a gap: what comes after it cannot wait for what is fetched later. */
  readonly mayDisorder?: true;
  /** pusher-js comes back, but only after 15 s and more. */
  readonly isSlowForStock?: true;
  /** pusher-js cannot even try. */
  readonly isOursOnly?: true;
  /** Our client gets every event, also those without a history. */
  readonly missesNothing?: true;
  /** Events must come to our client again so soon, in s. */
  readonly againWithin?: number;
  /** What else our client must keep to; the result says what is wrong. */
  check?(simulator: Simulator): string | undefined;
}

/** A fault that is over as soon as it has happened. */
export function oneTimeFault(inject: (simulator: Simulator) => void): Fault['happen'] {
  return ({ simulator }) => {
    inject(simulator);
    return Promise.resolve(undefined);
  };
}

/** A fault that lasts for `ms`. */
export function lastingFault(
  ms: number,
  begin: (simulator: Simulator) => unknown,
  end: (simulator: Simulator) => unknown,
): Fault['happen'] {
  return async ({ simulator, wait }) => {
    await begin(simulator);
    await wait(ms);
    await end(simulator);
    return undefined;
  };
}
