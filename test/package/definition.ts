import assert from 'node:assert/strict';
import vm from 'node:vm';

interface Property {
  readonly value?: unknown;
  readonly type?: unknown;
  readonly required?: unknown;
  readonly label?: unknown;
  readonly validate?: { readonly length: number };
}

/** What a node type tells the editor, as far as tests look at it. */
export interface Definition {
  readonly icon?: unknown;
  readonly defaults: Readonly<Record<string, Property>>;
  readonly credentials?: Readonly<Record<string, Property>>;
}

/** Runs the script of a page as the editor does, and gives what it registers. */
export function register(html: string): Definition {
  const seen: Definition[] = [];
  const registerType = (_type: string, definition: Definition): number => seen.push(definition);
  vm.runInNewContext(scriptOf(html), {
    RED: { _: (key: string) => key, events: { on: () => undefined }, nodes: { registerType } },
  });
  const [definition] = seen;
  assert.ok(definition !== undefined);
  return definition;
}

/** The script of a page that `scripts/build.mjs` has made. */
export function scriptOf(html: string): string {
  const [, script = ''] = /<script type="text\/javascript">([^]*?)<\/script>/.exec(html) ?? [];
  return script;
}
