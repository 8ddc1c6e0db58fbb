import { ProvisioningError } from "../graph/errors";
import { FixableError } from "../lib/fixable-error";

export { ProvisioningError };

/** Base of what can go wrong with a local run, but for the stack that it is given: that is a ProvisioningError. */
export abstract class LocalRunError extends FixableError {}

/** What FILEMILL_HOME names, or the project's own home, can't be the home of the local run. Nothing was touched. */
export class HomeRefusedError extends LocalRunError {
  public override readonly name = "HomeRefusedError";
}

/** The disk that the home lies on is full. */
export class HomeFullError extends LocalRunError {
  public override readonly name = "HomeFullError";
  /** @param problem what was found, such as "the disk is full" */
  public constructor(home: string, problem: string, options?: ErrorOptions) {
    super(
      `can't write to '${home}', the home of the local run: ${problem}`,
      "make room there, or name a folder on another disk with FILEMILL_HOME",
      options,
    );
  }
}

/** No Python that can make a virtual environment. */
export class PythonMissingError extends LocalRunError {
  public override readonly name = "PythonMissingError";
}

/** Packages could not be installed into a virtual environment. */
export class PackagesInstallError extends LocalRunError {
  public override readonly name = "PackagesInstallError";
}

/** The emulator did not come up, or went away. */
export class EmulatorStartError extends LocalRunError {
  public override readonly name = "EmulatorStartError";
}

/** The port that was asked for is in use. */
export class PortTakenError extends LocalRunError {
  public override readonly name = "PortTakenError";
  public constructor(port: number) {
    super(`port ${port} on 127.0.0.1 is in use by another process`, "give another --port, or none for a free one");
  }
}

const EXTEND = "add a file in kit/local/provision/resources; where a local run can do without, it says so there with the reason";

export class UnknownResourceTypeError extends ProvisioningError {
  public override readonly name = "UnknownResourceTypeError";
  public constructor(address: string, type: string) {
    super(address, `the local run can't create resources of type ${type}`, EXTEND);
  }
}

export class UnknownDataSourceError extends ProvisioningError {
  public override readonly name = "UnknownDataSourceError";
  public constructor(address: string, type: string) {
    super(address, `the local run has no data source ${type}`, EXTEND);
  }
}

/** A role that the emulator doesn't enforce lacks a permission that the stack needs. */
export class MissingPermissionError extends ProvisioningError {
  public override readonly name = "MissingPermissionError";
}

/** A worker could not be made from the synthesized stack. */
export class FleetError extends LocalRunError {
  public override readonly name = "FleetError";
}

/** Something that EC2 does of itself could not be ordered for an instance. */
export class FleetOrderError extends LocalRunError {
  public override readonly name = "FleetOrderError";
}

/** A stack can't be brought to another version. Nothing was changed. */
export class RedeploymentRefusedError extends LocalRunError {
  public override readonly name = "RedeploymentRefusedError";
  public constructor(problem: string) {
    super(`the local stack can't be brought to another version: ${problem}`, "start it with `redeployable`, with all of the systems");
  }
}

/** A background stack is up already, or is being started. */
export class AlreadyUpError extends LocalRunError {
  public override readonly name = "AlreadyUpError";
}

/** The detached stack could not be started. */
export class BackgroundStackError extends LocalRunError {
  public override readonly name = "BackgroundStackError";
}
