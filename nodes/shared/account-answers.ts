import type { ChatEntry, CompanyEntry, EmployeeEntry, LineEntry, TemplateEntry } from '../../src/api/entry';
import type { SafetyWarning } from './warnings';

export type {
  ChatEntry,
  CompanyEntry,
  EmployeeEntry,
  LineEntry,
  MessengerEntry,
  TemplateEntry,
} from '../../src/api/entry';

/**
 * What the editor asks Node-RED about a ChatApp account, and what it gets: both sides read it here.
 *
 * - `GET chatapp/account/<connection node id>/<list>` for a connection as it is deployed; permission `chatapp.read`.
 *   404 where no such connection is deployed.
 * - `POST chatapp/account/<list>` with a `ConnectionDraft`, for one that is not deployed as it stands in the editor;
 *   permission `chatapp.write`, since Node-RED then sends what the draft says where the draft says.
 * - `POST chatapp/check` with a `ConnectionDraft`: one `CheckStep` a line (`application/x-ndjson`), each as soon as it
 *   is known, all within 15 s; permission `chatapp.write`.
 *
 * `employees` takes `?company=<id>` for those of one company; `templates` and `chats` need `?line=<id>&messenger=<type>`. What cannot be answered is status 422 and an
 * `AccountFailure`. No answer holds a secret.
 */
export interface AccountLists {
  readonly lines: readonly LineEntry[];
  readonly companies: readonly CompanyEntry[];
  readonly employees: readonly EmployeeEntry[];
  readonly templates: readonly TemplateEntry[];
  /** The 100 newest of a line. */
  readonly chats: readonly ChatEntry[];
}

/** What a list is narrowed to. */
export interface ListScope {
  readonly company?: string;
  readonly line?: string;
  readonly messenger?: string;
}

export type AccountList = keyof AccountLists;

/** A `ChatAppError` without its words: the editor has them in its own language, under `error.<code>.<reason>`. */
export interface AccountFailure {
  readonly code: string;
  readonly reason: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** A connection as it stands in the editor. */
export interface ConnectionDraft {
  /** Of its node: where the draft leaves out a secret, the one that is deployed under this id counts. */
  readonly id: string;
  /** The saved properties, as in a flow. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those that the editor has; of the others it knows `has_<name>` only, or nothing. */
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** In the order in which they are shown. `login`, `socket` and `cluster` are tried at the same time. */
export const CHECK_STEPS = ['settings', 'login', 'lines', 'socket', 'cluster'] as const;

export type CheckStepName = (typeof CHECK_STEPS)[number];

/** The steps of a check, with and without NATS. */
export function checkSteps(hasCluster: boolean): CheckStepName[] {
  return CHECK_STEPS.filter((step) => hasCluster || step !== 'cluster');
}

export interface CheckStep {
  readonly step: CheckStepName;
  /** `skipped`: an earlier step failed without which it makes no sense. */
  readonly outcome: 'ok' | 'failed' | 'skipped';
  /** Why it failed. */
  readonly failure?: AccountFailure;
  /** True where NATS is a step too (`settings`): variables may fill its servers, so that only Node-RED knows. */
  readonly hasCluster?: boolean;
  /** What works, but is not safe (`settings`). */
  readonly warnings?: readonly SafetyWarning[];
  /** How many lines and messengers the account has (`lines`). */
  readonly lines?: number;
  readonly messengers?: number;
}
