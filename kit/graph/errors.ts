import { FixableError } from "../lib/fixable-error";

/** The stack file can't be used as it is. `address` is the Terraform address of the part at fault. */
export class ProvisioningError extends FixableError {
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

export class UnknownFunctionError extends ProvisioningError {
  public override readonly name = "UnknownFunctionError";
  public constructor(address: string, functionName: string) {
    super(address, `the local run doesn't know the Terraform function ${functionName}()`, "add it to kit/graph/hcl/functions.ts");
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

/** A Terraform expression that this subset does not understand. */
export class ExpressionSyntaxError extends ProvisioningError {
  public override readonly name = "ExpressionSyntaxError";
  public constructor(address: string, source: string, problem: string) {
    super(
      address,
      `the expression \`${source.length > 200 ? `${source.slice(0, 200)}...` : source}\` can't be evaluated: ${problem}`,
      "the local run knows references, templates, literals and function calls; use those, or extend kit/graph/hcl",
    );
  }
}
