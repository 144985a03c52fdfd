/**
 * The part of Node-RED's editor that these nodes use, as it is in 4.x and 5.x.
 */
declare const RED: {
  readonly nodes: {
    registerType<P extends object, C extends object = object>(type: string, definition: NodeDefinition<P, C>): void;
  };
  /** The text of `key` (`namespace:key`) in the editor's language, with `__name__` filled from `params`. */
  _(key: string, params?: Readonly<Record<string, string | number>>): string;
  notify(text: string, how: 'warning' | 'error' | { readonly type: 'success'; readonly timeout: number }): void;
};

/** The editor's jQuery, which adds the user's token to each request. */
declare const $: {
  ajax(request: {
    readonly url: string;
    readonly type: 'POST';
    readonly success: (answer: { readonly event: string }) => void;
    readonly error: (answer: { readonly status: number }) => void;
  }): void;
};

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
