import { resolve } from 'node:path';
import ts from 'typescript';

/** Compiles variants of one program: a file that no variant replaces is read and parsed once. */
export class Compiler {
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();
  readonly #host: ts.CompilerHost;
  #previous: ts.Program | undefined;

  /** `roots` are paths of files; they need not exist if every variant gives their text. */
  constructor(
    private readonly roots: readonly string[],
    private readonly options: ts.CompilerOptions,
  ) {
    this.#host = ts.createCompilerHost(options, true);
  }

  /** The program with these texts, by path, in place of what the disk holds. */
  compile(texts: Readonly<Record<string, string>> = {}): ts.Program {
    const replaced = new Map(Object.entries(texts).map(([path, text]) => [resolve(path), text]));
    const host: ts.CompilerHost = {
      ...this.#host,
      getSourceFile: (path, version) => {
        const text = replaced.get(resolve(path));
        return text === undefined ? this.#unchanged(path, version) : ts.createSourceFile(path, text, version, true);
      },
      fileExists: (path) => replaced.has(resolve(path)) || this.#host.fileExists(path),
      readFile: (path) => replaced.get(resolve(path)) ?? this.#host.readFile(path),
    };
    this.#previous = ts.createProgram([...this.roots], this.options, host, this.#previous);
    return this.#previous;
  }

  #unchanged(path: string, version: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    if (!this.#parsed.has(path)) this.#parsed.set(path, this.#host.getSourceFile(path, version));
    return this.#parsed.get(path);
  }
}
