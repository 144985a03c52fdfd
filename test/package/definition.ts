import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** What the pages of all node types load. */
export const SHARED_SCRIPT = join(__dirname, '../../resources/editor.js');

/** Runs the scripts of a page as the editor does, and gives what it registers. */
export function register(html: string): Definition {
  const page = new EditorPage();
  page.load(html);
  const [definition] = page.registered;
  assert.ok(definition !== undefined);
  return definition;
}

/** As much of a browser with the editor as the pages need to register their types. */
export class EditorPage {
  readonly registered: Definition[] = [];
  /** The style sheets that were added. */
  readonly styles: string[] = [];
  private readonly globals = vm.createContext({
    RED: {
      _: (key: string) => key,
      events: { on: () => undefined },
      nodes: { registerType: (_type: string, definition: Definition) => this.registered.push(definition) },
    },
    document: {
      createElement: () => ({}),
      head: { append: ({ textContent }: { readonly textContent: string }) => this.styles.push(textContent) },
    },
  });

  load(html: string, shared = readFileSync(SHARED_SCRIPT, 'utf8')): void {
    vm.runInContext(shared, this.globals);
    vm.runInContext(scriptOf(html), this.globals);
  }
}

/** The script of a page that `scripts/build.mjs` has made. */
export function scriptOf(html: string): string {
  const [, script = ''] = /<script type="text\/javascript">([^]*?)<\/script>/.exec(html) ?? [];
  return script;
}
