import type { z } from "zod";

/** What every process can have of its own, such as a folder for temporary files. */
export interface OwnUse<Kind extends string = string, Port = unknown> {
  /** What the adapters of a world (AWS, memory) are kept by. */
  readonly kind: Kind;
  /** Only a type: what `compose` is given. Never set. */
  readonly port?: Port;
}

/** Something outside the process that it works with, and what it may do with it. */
export interface ResourceUse<
  Kind extends string = string,
  Port = unknown,
  Resource extends string = string,
  Verb extends string = string,
  Optional extends boolean = boolean,
> extends OwnUse<Kind, Port> {
  /** Its name within the system; the stack knows which construct that is. */
  readonly resource: Resource;
  /** Each becomes a grant (constructs/functions/usable.ts). */
  readonly may: readonly Verb[];
  /** Of a bucket: the keys that may be read and written begin so. @default all */
  readonly prefix?: string;
  /** The variable that tells the process where it is. @default none - the process learns it otherwise, or needs no address */
  readonly variable?: { readonly name: string; readonly address: z.ZodType<string, string> };
  /** Not in every environment: then the port is undefined. @default false */
  readonly isOptional?: Optional;
}

export type Use = OwnUse | ResourceUse;
/** Uses by the names that `compose` has for them. */
export type Uses = Readonly<Record<string, Use>>;

export const isResourceUse = (use: Use): use is ResourceUse => "resource" in use;

/** What `compose` is given for its uses. */
export type PortsOf<U extends Uses> = { readonly [Name in keyof U]: U[Name] extends { readonly port?: infer Port } ? Port : never };

type PortOf<U> = U extends { readonly port?: infer Port } ? Port : never;
/** A port that serves all of several uses. */
type EveryPort<U> = (U extends unknown ? (port: PortOf<U>) => void : never) extends (port: infer Port) => void ? Port : never;

/**
 * How one world makes the port of each kind of use, for the uses of some functions: just the kinds that there are.
 *
 * @typeParam Given what an adapter has to work with in that world
 */
export type Adapters<U extends Use, Given> = {
  readonly [Kind in U["kind"]]: (given: Given, use: Extract<U, { readonly kind: Kind }>) => EveryPort<Extract<U, { readonly kind: Kind }>>;
};

/** The adapter of a use, its type forgotten. @throws when there is none for its kind, which types exclude */
export function adapterFor(adapters: object, { kind }: Use): (given: unknown, use: Use) => unknown {
  const adapter = (adapters as Readonly<Record<string, (given: unknown, use: Use) => unknown>>)[kind];
  if (adapter === undefined) throw new TypeError(`there is no adapter for uses of the kind '${kind}'`);
  return adapter;
}
