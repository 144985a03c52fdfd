import { isRecord } from '../../../../src/events/json';
import {
  CHECK_STEPS,
  type AccountList,
  type AccountLists,
  type ChatEntry,
  type CheckStep,
  type CompanyEntry,
  type EmployeeEntry,
  type LineEntry,
  type MessengerEntry,
  type TemplateEntry,
} from '../../account-answers';
import { WARNINGS, type SafetyWarning } from '../../warnings';
import { readFailure } from '../page/requests';

/** Reads what Node-RED answers for a list. Entries without the ids that make them are left out. */
export const READ: { readonly [List in AccountList]: (answer: unknown) => AccountLists[List] } = {
  lines: (answer) => entries(answer, line),
  companies: (answer) => entries(answer, company),
  employees: (answer) => entries(answer, employee),
  templates: (answer) => entries(answer, template),
  chats: (answer) => entries(answer, chat),
};

/** Undefined for anything but a step of a check. */
export function readStep(answer: unknown): CheckStep | undefined {
  if (!isRecord(answer)) return undefined;
  const step = CHECK_STEPS.find((name) => name === answer.step);
  const outcome = OUTCOMES.find((name) => name === answer.outcome);
  if (step === undefined || outcome === undefined) return undefined;
  const failure = readFailure(answer.failure);
  const { hasCluster, lines, messengers } = answer;
  const warnings = entries(answer.warnings, warning);
  return {
    step,
    outcome,
    ...(failure && { failure }),
    ...(warnings.length > 0 && { warnings }),
    ...(typeof hasCluster === 'boolean' && { hasCluster }),
    ...(typeof lines === 'number' && { lines }),
    ...(typeof messengers === 'number' && { messengers }),
  };
}

function warning({ key, host }: Readonly<Record<string, unknown>>): SafetyWarning | undefined {
  const known = WARNINGS.find((name) => name === key);
  return known && { key: known, ...(isText(host) && { host }) };
}

const OUTCOMES = ['ok', 'failed', 'skipped'] as const;

function entries<E>(answer: unknown, read: (entry: Readonly<Record<string, unknown>>) => E | undefined): E[] {
  const list: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return list.flatMap((entry) => (isRecord(entry) ? (read(entry) ?? []) : []));
}

function line({ licenseId, name, messengers }: Readonly<Record<string, unknown>>): LineEntry | undefined {
  if (!isText(licenseId)) return undefined;
  return { licenseId, ...(isText(name) && { name }), messengers: entries(messengers, messenger) };
}

function messenger({ type, name, phone }: Readonly<Record<string, unknown>>): MessengerEntry | undefined {
  if (!isText(type)) return undefined;
  return { type, ...(isText(name) && { name }), ...(isText(phone) && { phone }) };
}

function company({ companyId, name }: Readonly<Record<string, unknown>>): CompanyEntry | undefined {
  return isText(companyId) ? { companyId, ...(isText(name) && { name }) } : undefined;
}

function employee(entry: Readonly<Record<string, unknown>>): EmployeeEntry | undefined {
  const { companyId, userId, name, email, role } = entry;
  if (!isText(companyId) || !isText(userId)) return undefined;
  return {
    companyId,
    userId,
    ...(isText(name) && { name }),
    ...(isText(email) && { email }),
    ...(isText(role) && { role }),
  };
}

function template({ id, name, text, params }: Readonly<Record<string, unknown>>): TemplateEntry | undefined {
  if (!isText(id)) return undefined;
  const count = typeof params === 'number' && Number.isSafeInteger(params) && params > 0 ? params : 0;
  return { id, ...(isText(name) && { name }), ...(isText(text) && { text }), params: count };
}

function chat({ chatId, name, phone }: Readonly<Record<string, unknown>>): ChatEntry | undefined {
  return isText(chatId) ? { chatId, ...(isText(name) && { name }), ...(isText(phone) && { phone }) } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
