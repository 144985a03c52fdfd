import { CHANNEL_TYPES } from '../events';
import { isRecord } from '../events/json';
import type { ChannelChoice, ItemFilter, Listener } from '../inbox/listener';

/** What all instances know of a listener. */
export interface SharedListener extends ItemFilter {
  readonly id: string;
  readonly channel: ChannelChoice;
}

/** What others need to know of a listener of this instance: what they read. */
export function sharedPartOf(id: string, listener: Listener): SharedListener {
  const shared = readSharedListener({ ...listener, id });
  if (!shared) throw new TypeError('A listener has another form than its type');
  return shared;
}

/** The listener that another instance has written; `undefined` if the value is none. */
export function readSharedListener(value: unknown): SharedListener | undefined {
  if (!isRecord(value)) return undefined;
  const { id, events, direction, keepStatuses, ignoreApp, skipGroups, skipEdited } = value;
  const channel = readChannel(value.channel);
  if (typeof id !== 'string' || !channel || !isTexts(events)) return undefined;
  if (direction !== 'any' && direction !== 'in' && direction !== 'out') return undefined;
  if (ignoreApp !== undefined && typeof ignoreApp !== 'string') return undefined;
  return {
    id,
    channel,
    events,
    direction,
    ...(keepStatuses === true && { keepStatuses }),
    ...(ignoreApp !== undefined && { ignoreApp }),
    ...(skipGroups === true && { skipGroups }),
    ...(skipEdited === true && { skipEdited }),
  };
}

function readChannel(value: unknown): ChannelChoice | undefined {
  if (!isRecord(value)) return undefined;
  const type = CHANNEL_TYPES.find((known) => known === value.type);
  const { licenseId, messengerType, companyId, userId } = value;
  if (type === 'messenger') {
    if (!isTextOrAbsent(licenseId) || !isTextOrAbsent(messengerType)) return undefined;
    return {
      type,
      ...(licenseId !== undefined && { licenseId }),
      ...(messengerType !== undefined && { messengerType }),
    };
  }
  if (type === 'user') return typeof userId === 'string' ? { type, userId } : undefined;
  if (typeof companyId !== 'string') return undefined;
  if (type === 'company') return { type, companyId };
  return type === 'employee' && typeof userId === 'string' ? { type, companyId, userId } : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
