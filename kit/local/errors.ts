/** Base of what can go wrong with a local run: `message` says cause and value, `fix` the way out. */
export abstract class LocalRunError extends Error {
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

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

/** No Python that can run the emulator. */
export class PythonMissingError extends LocalRunError {
  public override readonly name = "PythonMissingError";
}

/** The emulator's packages could not be installed. */
export class EmulatorInstallError extends LocalRunError {
  public override readonly name = "EmulatorInstallError";
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

/** The stack file can't be provisioned as it is. `address` is the Terraform address of the part at fault. */
export class ProvisioningError extends LocalRunError {
  public override readonly name: string = "ProvisioningError";
  public constructor(
    public readonly address: string,
    problem: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(`${address}: ${problem}`, fix, options);
  }
}

const EXTEND =
  "teach kit/local/provision about it, or list it in kit/local/provision/stand-ins.ts with the reason why a local run can do without";

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

export class UnknownFunctionError extends ProvisioningError {
  public override readonly name = "UnknownFunctionError";
  public constructor(address: string, functionName: string) {
    super(address, `the local run doesn't know the Terraform function ${functionName}()`, "add it to kit/local/provision/hcl/functions.ts");
  }
}

export class UnknownAttributeError extends ProvisioningError {
  public override readonly name = "UnknownAttributeError";
  public constructor(address: string, reference: string, known: readonly string[]) {
    super(
      address,
      `${reference} has no value in the local run; known here: ${known.length === 0 ? "nothing" : known.join(", ")}`,
      "correct the reference, or return the attribute from the resource's file in kit/local/provision/resources",
    );
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

/** A background stack is up already, or is being started. */
export class AlreadyUpError extends LocalRunError {
  public override readonly name = "AlreadyUpError";
}

/** The detached stack could not be started. */
export class BackgroundStackError extends LocalRunError {
  public override readonly name = "BackgroundStackError";
}
