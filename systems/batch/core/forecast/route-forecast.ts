import type { Costs } from "../pricing/estimate";
import type { Limit, Raise } from "./limits";

export const FORECAST_ROUTES = ["fleet", "lambda", "spark"] as const;
export type ForecastRoute = (typeof FORECAST_ROUTES)[number];

/** What a route comes to. */
export interface PossibleRoute {
  readonly route: ForecastRoute;
  readonly possible: true;
  readonly seconds: number;
  readonly costUsd: number;
  readonly costs: Costs;
  /** Workers, invocations or vCPUs of executors at a time. */
  readonly size: number;
  /** Batches open at a time. */
  readonly openBatches: number;
  readonly limits: readonly Limit[];
  readonly binding: Limit;
  /** Where a deadline was given. */
  readonly deadline?: DeadlineVerdict;
}

export interface ImpossibleRoute {
  readonly route: ForecastRoute;
  readonly possible: false;
  /** What stands against it, with the value and the way out. */
  readonly because: string;
}

export type RouteForecast = PossibleRoute | ImpossibleRoute;

export interface DeadlineVerdict {
  readonly met: boolean;
  /** What would have to be raised; empty when it is met, or when nothing helps. */
  readonly raises: readonly Raise[];
  /** Workers, invocations or vCPUs that would be through in time. @default none would */
  readonly size?: number;
  /** Seconds that pass whatever works: start, plan, reduce. */
  readonly fixedSeconds: number;
}
