import type { Construct } from "constructs";
import type { FunctionDescription, SettingsOf, UseOf } from "../../kit/function/define-function";
import { METRICS_VARIABLE, SETTINGS_VARIABLE } from "../../kit/function/function-environment";
import { isResourceUse, type ResourceUse, type Use } from "../../kit/function/use";
import { GrantError } from "../iam/statement";
import { NodeFunction, type NodeFunctionProps } from "./node-function";
import type { Addressed, Usable } from "./usable";

type NeededBy<U> = U extends {
  readonly resource: infer Resource extends string;
  readonly may: readonly (infer Verb extends string)[];
  readonly isOptional?: infer Optional;
}
  ? { readonly [R in Resource]: true extends Optional ? Usable<Verb> | undefined : Addressed<Verb> }
  : unknown;
type All<U> = (U extends unknown ? (needed: NeededBy<U>) => void : never) extends (needed: infer Needed) => void ? Needed : never;

/** What a stack must have for a function's uses, by name, with a grant for each verb: what is missing does not compile. */
export type ResourcesFor<F extends FunctionDescription> = All<UseOf<F>>;

/** What a stack gives a function: what it uses, and its settings if it has any. */
export type GivenTo<F extends FunctionDescription> = { readonly resources: ResourcesFor<F> } & (undefined extends SettingsOf<F>
  ? { readonly settings?: undefined }
  : { readonly settings: SettingsOf<F> });

/** What only the stack knows of a function. */
export interface DescribedFunctionProps extends Omit<NodeFunctionProps, "description" | "environment" | "asynchronousEvents"> {
  /** Whose the metrics are that a function's lines carry. @default none - then a function that has any is refused */
  readonly metricsSystem?: string;
}

/** The Lambda of a described function: its variables and its permissions are what it uses. */
export function describedFunction<F extends FunctionDescription>(
  scope: Construct,
  id: string,
  description: F,
  given: GivenTo<F>,
  { metricsSystem, ...props }: DescribedFunctionProps,
): NodeFunction {
  if (description.metrics !== undefined && metricsSystem === undefined) {
    throw new Error(`the function '${description.name}' has metrics, and nothing says whose they are: give metricsSystem`);
  }
  const { resources, settings } = given as { resources: Readonly<Record<string, Usable<string> | undefined>>; settings?: unknown };
  const used = Object.values<Use>(description.uses).flatMap((use) => {
    const usable = isResourceUse(use) ? resources[use.resource] : undefined;
    return isResourceUse(use) && usable !== undefined ? [{ use, usable }] : [];
  });
  const addresses = used.flatMap(({ use: { variable }, usable: { address } }) =>
    variable === undefined || address === undefined ? [] : [[variable.name, address] as const],
  );
  const lambda = new NodeFunction(scope, id, {
    ...props,
    description: description.description,
    environment: {
      ...Object.fromEntries(addresses),
      ...(description.settings === undefined ? {} : { [SETTINGS_VARIABLE]: JSON.stringify(settings) }),
      ...(description.metrics === undefined || metricsSystem === undefined ? {} : { [METRICS_VARIABLE]: metricsSystem }),
    },
    ...(description.asynchronousEvents === undefined ? {} : { asynchronousEvents: description.asynchronousEvents }),
  });
  for (const { use, usable } of used) for (const verb of use.may) grantOf(usable, verb, use)(lambda.role, use.prefix ?? "");
  return lambda;
}

function grantOf({ grants }: Usable<string>, verb: string, { kind, resource }: ResourceUse): Usable<string>["grants"][string] {
  const grant = grants[verb];
  // types exclude it
  if (grant === undefined) throw new GrantError(`${verb} of ${resource}`, `what the stack has under that name can't be used as a ${kind}`);
  return grant;
}
