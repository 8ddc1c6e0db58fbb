/** A stack as Terraform's state knows it. */
export interface DeployedStack {
  /** What `terraform output -json` prints. */
  readonly outputs: unknown;
  /**
   * Removes every resource.
   *
   * @param say told what Terraform says
   * @throws RunFailedError
   */
  readonly destroy: (say: (line: string) => void, signal: AbortSignal) => Promise<void>;
}

export interface DeploymentRef {
  /** Name of the system whose stack it is. */
  readonly system: string;
  readonly environment: string;
  readonly owner: string;
  readonly region: string;
}

/** Terraform, as far as the command needs it. */
export interface Deployments {
  /** Nothing is synthesized or asked: can Terraform be run at all? @throws RunFailedError */
  readonly check: () => void;
  /** Synthesizes the stack as these sources make it. @returns path of its cdk.tf.json, below the folder @throws RunFailedError */
  readonly synthesize: (ref: DeploymentRef, outputDirectory: string, signal: AbortSignal) => Promise<string>;
  /** Synthesizes the stack and opens its state; changes nothing on AWS. @throws RunFailedError */
  readonly open: (ref: DeploymentRef, signal: AbortSignal) => Promise<DeployedStack>;
}
