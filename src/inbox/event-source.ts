/** The ways in which an event arrives. */
export const EVENT_SOURCES = ['socket', 'webhook', 'history'] as const;

export type EventSource = (typeof EVENT_SOURCES)[number];

/** The sources that bring events as they happen. */
export type LiveSource = Exclude<EventSource, 'history'>;
