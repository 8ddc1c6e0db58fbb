import type { z } from "zod";
import type { SystemCommand } from "../cli/system-command";
import type { Configuration } from "../config/configuration";
import type { LocalProcess } from "../local";
import type { Simulation } from "../simulator/survey/simulation";
import type { MakeStackOptions, Synthesizable } from "../synth/synthesizable";

/**
 * A system's manifest: all that the synthesis, the build, the local run and the command know of it. What only one of these programs uses
 * is loaded when that program asks for it.
 */
export interface SystemSpec<Scope, Config extends { readonly name: string }> {
  /** Of its stacks (`<name>-<environment>`), of its folder below systems/ and of that below lambdas/: small letters, digits, dashes. */
  readonly name: string;
  /** What it does, in half a sentence, for people who choose one. */
  readonly description: string;
  /** Names of its environments: each is a stack `<name>-<environment>`. */
  readonly environments: readonly string[];
  readonly configuration: () => Promise<Configuration<Config>>;
  /** Its Lambdas: folders of lambdas/<name>/. */
  readonly functions: () => Promise<readonly string[]>;
  /** The Terraform outputs of its stack, by their names. */
  readonly outputs: () => Promise<z.ZodObject>;
  /** The class of its stack. */
  readonly stack: () => Promise<StackClass<Scope, Config>>;
  /** What runs on instances on AWS, and beside the emulator here; most systems have none. */
  readonly processes: readonly LocalProcess[];
  /** Variables that local runs and simulated worlds take over, too (LocalSystem). @default none */
  readonly modeVariables?: readonly string[];
  /** Its simulated worlds (docs/chaos.md). @default it has none */
  readonly simulation?: () => Promise<Simulation>;
  /** Its part of the command: its verbs. */
  readonly command: () => Promise<SystemCommand>;
}

/** Makes a stack when it is constructed; its id is `<system>-<environment>`. */
export type StackClass<Scope, Config> = new (
  scope: Scope,
  props: { readonly config: Config; readonly buildDirectory: string },
) => { readonly node: { readonly id: string } };

/** A manifest, whatever its configuration's type. */
export type System<Scope> = Omit<SystemSpec<Scope, never>, "configuration" | "stack"> &
  Omit<Synthesizable<Scope>, "configuration"> & { readonly configuration: () => Promise<Configuration> };

/** Closes a manifest: what depends on the type of its configuration is behind `makeStack`. */
export function defineSystem<Scope, Config extends { readonly name: string }>(spec: SystemSpec<Scope, Config>): System<Scope> {
  const { stack, ...rest } = spec;
  return {
    ...rest,
    makeStack: async (scope: Scope, { source, alsoKnown, buildDirectory }: MakeStackOptions) => {
      const config = (await spec.configuration()).load(source, alsoKnown);
      const Stack = await stack();
      return { name: new Stack(scope, { config, buildDirectory }).node.id, environment: config.name };
    },
  };
}
