/**
 * The part of Node-RED's editor that these nodes use, as it is in 4.x and 5.x.
 */
declare const RED: {
  readonly nodes: {
    registerType<P extends object, C extends object = object>(type: string, definition: NodeDefinition<P, C>): void;
    /** The node or configuration node with this id. */
    node(id: string): EditorNode | null | undefined;
    filterNodes(filter: { readonly type: string }): EditorNode[];
  };
  readonly events: {
    on(event: 'deploy' | 'editor:open' | 'flows:loaded', act: () => void): void;
    /** The dialog of a node was closed with Done. */
    on(event: 'editor:save', act: (node: EditorNode) => void): void;
    off(event: 'deploy' | 'flows:loaded', act: () => void): void;
  };
  readonly view: {
    redraw(): void;
    /** Shows the flow of a node, scrolls to it and lets it flash. */
    reveal(id: string): void;
    select(selection: { readonly nodes: readonly EditorNode[] }): void;
  };
  readonly workspaces: {
    /** The id of the flow that is shown. */
    active(): string;
  };
  readonly editor: {
    /** Opens the dialog of a configuration node. */
    editConfig(name: string, type: string, id: string): void;
  };
  readonly plugins: {
    registerPlugin(id: string, definition: { onadd(): void }): void;
  };
  readonly sidebar: {
    containsTab(id: string): boolean;
    addTab(tab: SidebarTab): void;
    removeTab(id: string): void;
    show(id: string): void;
  };
  readonly actions: {
    add(name: string, act: () => void): void;
    remove(name: string): void;
  };
  /** Notifications of Node-RED. A topic may end with `/#`. */
  readonly comms: {
    subscribe(topic: string, onMessage: (topic: string, data: unknown) => void): void;
    unsubscribe(topic: string, onMessage: (topic: string, data: unknown) => void): void;
    /** `connect`: also again, after Node-RED was away. */
    on(event: 'connect', act: () => void): void;
    off(event: 'connect', act: () => void): void;
  };
  readonly utils: {
    /** What a node is called in the flow. */
    getNodeLabel(node: EditorNode, otherwise: string): string;
  };
  readonly i18n: {
    /** The language of the editor, such as `pt-BR`. */
    lang(): string;
  };
  /** What Node-RED tells the editor of its settings. `httpNodeRoot`: where flows serve HTTP, such as `/` or `/red/`. */
  readonly settings: {
    readonly httpNodeRoot?: unknown;
    /** Present if somebody has logged in. */
    readonly user?: unknown;
  };
  readonly user: {
    /** Whether the user of the editor may do so, as far as the editor knows. */
    hasPermission(permission: string): boolean;
  };
  readonly clipboard: {
    /** Copies a text, and shows the words of `message` beside `element`. */
    copyText(text: string, element: EditorElement, message: string): boolean;
  };
  /** The text of `key` (`namespace:key`) in the editor's language, with `__name__` filled from `params`. */
  _(key: string, params?: Readonly<Record<string, string | number>>): string;
  notify(text: string, how: 'warning' | 'error' | { readonly type: 'success'; readonly timeout: number }): void;
};

/** What the script of this package that all pages load has for them. */
declare const chatappEditor: import('./index').SharedEditor;

/** A style sheet, as text. */
declare module '*.css' {
  const style: string;
  export default style;
}

/** The editor's jQuery. Some events of the editor are received by its handlers only. */
declare const $: {
  (target: object | string): EditorElement;
  /** Adds the user's token to each request with a relative address. */
  ajax(request: EditorRequest): { abort(): void };
};

interface SidebarTab {
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly iconClass: string;
  readonly action: string;
  /** Usable while the dialog of a node is open. */
  readonly enableOnEdit: boolean;
  readonly content: EditorElement;
  onremove(): void;
}

/** What jQuery wraps around an element. */
interface EditorElement {
  on(event: string, act: () => void): unknown;
  /** Makes a typed input out of a text field; `value` and `type` read one. */
  typedInput(
    what:
      | 'value'
      | 'type'
      | {
          readonly types: readonly (string | object)[];
          readonly typeField?: string;
          readonly default?: string;
        },
  ): unknown;
}

interface EditorRequest {
  readonly url: string;
  readonly type: 'GET' | 'POST';
  readonly contentType?: 'application/json';
  readonly data?: string;
  /** How the answer is read: by its own type where nothing is said. */
  readonly dataType?: 'text';
  /** In ms. */
  readonly timeout?: number;
  /** Set on the request itself. */
  readonly xhrFields?: { readonly onprogress: (event: { readonly target: unknown }) => void };
  readonly success: (answer: unknown, words: string, answered: AnsweredRequest) => void;
  readonly error: (answer: FailedRequest) => void;
}

interface AnsweredRequest {
  getResponseHeader(name: string): string | null;
}

interface FailedRequest {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly responseJSON?: unknown;
}

/** A node in the editor; its saved properties are its own. */
interface EditorNode {
  readonly id: string;
  readonly type: string;
  /** The flow it is on; absent for a configuration node of all flows. */
  readonly z?: string;
  /** What the editor tells of the node type. */
  readonly _def: { readonly defaults: object; readonly category?: string };
  /** True where the editor knows of changes that Node-RED does not have yet. */
  readonly changed?: boolean;
  /** Absent until its dialog was open once. A password stands there as `has_<name>` only, unless it was just typed. */
  readonly credentials?: object;
  /** Set for a node that has to be drawn again. */
  dirty?: boolean;
}

/** What a node type tells the editor. `P` holds its saved properties, `C` its credentials. */
interface NodeDefinition<P extends object, C extends object> {
  category: string;
  color?: string;
  icon?: string;
  defaults: { readonly [K in keyof P]: SavedProperty };
  credentials?: { readonly [K in keyof C]: SavedCredential };
  inputs?: 0 | 1;
  outputs?: number;
  paletteLabel?: string | ((this: RegisteredType) => string);
  label?(this: P & { readonly id: string }): string;
  labelStyle?(this: P & { readonly id: string }): string;
  outputLabels?(this: P & { readonly id: string }, index: number): string | undefined;
  /** The button beside the node, as an inject node has one. */
  button?: { onclick(this: P & { readonly id: string }): void };
  oneditprepare?(this: P & { readonly id: string }): void;
  /** Runs before the editor reads the form's fields into the node. */
  oneditsave?(this: P & { readonly id: string }): void;
}

/** A definition once it is registered: what the editor adds to it, as far as it is used. */
interface RegisteredType {
  /** The text of `key` in the node type's own catalogue, which is there before the node type is. */
  readonly _: (key: string) => string;
}

interface SavedProperty {
  value: unknown;
  /** The type of the configuration node whose id this is. */
  type?: string;
  required?: boolean;
  /** Names the property in the editor's own messages. */
  label?: string;
  validate?: Validator;
}

interface SavedCredential {
  type: 'text' | 'password';
  validate?: Validator;
}

/**
 * Says `true`, or what is wrong. The editor shows the words only of a function with two parameters; one with fewer
 * counts as valid whenever it returns a text.
 */
type Validator = (this: unknown, value: unknown, options: unknown) => true | string;
