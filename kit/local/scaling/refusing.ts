import { ScalingRefusedError } from "../../scaling/errors";
import { ServiceError } from "../services/service-error";

/** Runs what the engine may refuse. @throws ServiceError with the engine's reason */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ScalingRefusedError) throw new ServiceError(error.code, error.message);
    throw error;
  }
}
