import type { ServiceFaults } from "../../../kit/ports/service-faults";

/** A service that is throttled or away. */
export class TestServiceFault extends Error {
  public override readonly name = "TestServiceFault";
}

/** Pauses are as long as they can be, but for a thousandth. */
export const testFaults: ServiceFaults = { isServiceFault: (error) => error instanceof TestServiceFault, random: () => 0.999 };
