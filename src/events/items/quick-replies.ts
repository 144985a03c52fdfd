import type { Id, Open } from './shapes/values';

/** A list was made or edited, or it is gone. */
export type QuickResponseListItem = QuickResponseListSaved | QuickResponseListDestroyed;

export interface QuickResponseListSaved {
  type: 'create' | 'edit';
  quickResponseList: QuickResponseList;
}

export interface QuickResponseListDestroyed {
  type: 'destroy';
  quickResponseList: QuickResponseListRef;
}

/** A quick response was made or edited, or it is gone. Several that are deleted together come together. */
export type QuickResponseItem = QuickResponseSaved | QuickResponseDestroyed;

export interface QuickResponseSaved {
  type: 'create' | 'edit';
  quickResponseList: QuickResponseListRef;
  quickResponse: QuickResponse;
}

export interface QuickResponseDestroyed {
  type: 'destroy';
  quickResponseList: QuickResponseListRef;
  quickResponse: QuickResponseRef;
}

/** A list, by id alone. */
export interface QuickResponseListRef {
  id: Id;
}

export interface QuickResponseList extends QuickResponseListRef {
  name: string;
  /** The place in lists: lower comes first. */
  sort: number;
  access: QuickResponseAccess[];
}

/** What a user may do with a list. */
export interface QuickResponseAccess {
  userId: Id;
  email: string;
  /** `r` = use it, `w` = change it too. */
  permission: Open<'r' | 'w'>;
}

/** A quick response, by id alone. */
export interface QuickResponseRef {
  id: Id;
}

export interface QuickResponse extends QuickResponseRef {
  name: string;
  sort: number;
  /** The parent of the response; null = it is at the top of its list. Its shape is not documented. */
  parent: unknown;
  text: string;
  /** Words by which it is found, with spaces between. */
  keywords: string | null;
  enableAI: boolean;
}
