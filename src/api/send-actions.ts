/** What ChatApp can be asked to do in a chat. Stands alone, since the editor's dialog needs it too. */
export const SEND_ACTIONS = ['text', 'file', 'template', 'read'] as const;

export type SendAction = (typeof SEND_ACTIONS)[number];

/** In whose name ChatApp shows what is sent. */
export const TEXT_SENDERS = ['employee', 'system'] as const;

export type TextSender = (typeof TEXT_SENDERS)[number];
