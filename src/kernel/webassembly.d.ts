// The little of WebAssembly's interface that is used; the types of Node 20 leave it to the DOM library.

declare namespace WebAssembly {
  class Module {
    // A module has no fields of its own; the brand keeps other objects from passing for one.
    private readonly brand: never;
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, (...values: number[]) => number>>);
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: Uint8Array): boolean;
}
