/** What is used of WebAssembly, which is global in Node as in browsers; TypeScript has its types among those of browsers only. */
export interface WebAssemblyNamespace {
  /** What `Module` throws for what this engine doesn't know. */
  readonly CompileError: new () => Error;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown };
}

export interface WebAssemblyMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
}

/** A place: exported as a constant. */
export interface WebAssemblyGlobal {
  readonly value: number;
}

/** undefined where Node was started without it (`--jitless`). */
export const webAssembly = (globalThis as { WebAssembly?: WebAssemblyNamespace }).WebAssembly;
