import type { Context } from "aws-lambda";
import { readClientSettings, type ClientSettings } from "../aws/clients";
import { embeddedMetrics } from "../aws/embedded-metrics";
import { powertoolsLog } from "../aws/powertools-log";
import { systemClock } from "../aws/system-clock";
import { readEnvironment } from "../lib/env";
import type { FunctionDescription, Surroundings, UseOf } from "./define-function";
import { environmentSchemaOf, METRICS_VARIABLE, SETTINGS_VARIABLE } from "./function-environment";
import { composed } from "./run-function";
import { adapterFor, isResourceUse, type Adapters, type Use } from "./use";

/** What an adapter on AWS has to work with. */
export interface OnAws extends Surroundings {
  /** What the use's variable says; empty for a use without one. */
  readonly address: string;
  /** A client that all uses of the process share, and with it its connections and its retry budget. */
  readonly shared: <Client>(make: (settings: ClientSettings) => Client) => Client;
  /** A client of its own. */
  readonly own: <Client>(make: (settings: ClientSettings) => Client) => Client;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The handler of a described function, on AWS.
 *
 * @param adapters of the kinds that it uses, one each: what is not named here is not in its bundle
 * @param environment the process's, read once
 * @throws EnvironmentError with every problem
 */
export function awsHandler<F extends FunctionDescription>(
  description: F,
  adapters: Adapters<UseOf<F>, OnAws>,
  environment: NodeJS.ProcessEnv,
): (event: unknown, context: Context) => Promise<unknown> {
  const { name } = description;
  const processName = `the ${name} Lambda`;
  const variables = readEnvironment(processName, environmentSchemaOf(description), environment);
  const clientSettings = readClientSettings(processName, environment);
  const metrics = description.metrics === undefined ? undefined : embeddedMetrics(description.metrics, String(variables[METRICS_VARIABLE]));
  const surroundings: Surroundings = { clock: systemClock, log: powertoolsLog(name, metrics) };
  const own: OnAws["own"] = (make) => make(clientSettings);
  const clients = new Map<unknown, unknown>();
  const shared: OnAws["shared"] = (make) => {
    if (!clients.has(make)) clients.set(make, own(make));
    return clients.get(make) as ReturnType<typeof make>;
  };
  const portOf = (use: Use): unknown => {
    const address = isResourceUse(use) && use.variable !== undefined ? variables[use.variable.name] : "";
    // optional, and not in this environment
    if (typeof address !== "string") return undefined;
    const onAws: OnAws = { ...surroundings, address, shared, own, environment };
    return adapterFor(adapters, use)(onAws, use);
  };
  const run = composed(description, portOf, { ...surroundings, settings: variables[SETTINGS_VARIABLE] });
  return (event, context) =>
    run(event, { requestId: context.awsRequestId, remainingMilliseconds: () => context.getRemainingTimeInMillis() });
}
