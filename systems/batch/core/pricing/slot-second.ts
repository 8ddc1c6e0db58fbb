import type { Route } from "../../contracts/batch";
import { LAMBDA_GIBIBYTES } from "./estimate";
import { LAMBDA_GIBIBYTE_SECOND, SPOT_WORKER_SECOND } from "../../../../kit/lib/prices";

/** What a second of one slot costs on a route, in US dollars: a share of a spot worker, or a Lambda's memory. */
export const slotSecondPriceUsd = (route: Route, slotsPerWorker: number): number =>
  route === "lambda" ? LAMBDA_GIBIBYTES * LAMBDA_GIBIBYTE_SECOND : SPOT_WORKER_SECOND / slotsPerWorker;
