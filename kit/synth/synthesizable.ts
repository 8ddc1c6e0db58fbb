/** A system, as far as its synthesis needs it. `Scope` is where its stack goes: an App of CDKTF, which the kit doesn't know. */
export interface Synthesizable<Scope> {
  readonly name: string;
  readonly configuration: () => Promise<{ readonly variables: readonly string[] }>;
  /**
   * Makes the stack of the environment that the variables name.
   *
   * @throws ConfigurationError before anything is made
   */
  readonly makeStack: (scope: Scope, options: MakeStackOptions) => Promise<MadeStack>;
}

export interface MakeStackOptions {
  /** The environment of the synthesis. */
  readonly source: NodeJS.ProcessEnv;
  /** Variables that others read. */
  readonly alsoKnown: readonly string[];
  /** Absolute path of dist: what is built of the project. */
  readonly buildDirectory: string;
}

export interface MadeStack {
  /** `<system>-<environment>`, also the name of its folder in cdktf.out/stacks. */
  readonly name: string;
  readonly environment: string;
}
