import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import type { ServiceFaults } from "../ports/service-faults";
import { causesOf } from "../lib/system-errors";
import { QueueEntriesRefusedError } from "./sqs-entries";

/** Any error: what the SDK asks of it, it may lack. */
type AskedError = Parameters<typeof isThrottlingError>[0];

const isFaultOfCall = (error: AskedError): boolean => isThrottlingError(error) || isTransientError(error) || isServerError(error);

/** Faults of AWS's services, told as the SDK tells them when it decides on a retry: throttling, 5xx, timeouts, cut connections. */
export const sdkFaults: ServiceFaults = {
  isServiceFault: (error) =>
    Array.from(causesOf(error)).some(
      (each) =>
        (each instanceof QueueEntriesRefusedError && each.isServiceFault) || (each instanceof Error && isFaultOfCall(each as AskedError)),
    ),
  random: () => Math.random(),
};
