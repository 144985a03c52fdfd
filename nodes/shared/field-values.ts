/** Where the value of a field comes from, in the words of Node-RED's typed inputs. */
export const FIELD_TYPES = ['str', 'msg', 'flow', 'global', 'jsonata', 'env'] as const;

/** The same for a body, which is JSON instead of text. */
export const BODY_TYPES = ['json', 'jsonata', 'msg', 'flow', 'global', 'env'] as const;

export type ValueType = (typeof FIELD_TYPES)[number] | (typeof BODY_TYPES)[number];

/** The longest gap of which missed messages are fetched, in hours: a week. */
export const MAX_HOURS = 168;

/** The longest that events are kept for a flow, in hours: a year. */
export const MAX_KEEP_HOURS = 8_760;

/** Into how many partitions the events of a listener may be divided. */
export const MAX_PARTITIONS = 256;

/** The highest limit of messages to one chat in a minute: ChatApp takes 50 requests a second. */
export const MAX_PER_MINUTE = 3_000;

/** How many events a flow may work on at a time. */
export const MAX_IN_FLIGHT = 1_000;

/** The longest that a flow may take for an event, in s: a day. */
export const MAX_ACK_SECONDS = 86_400;
