/** A function as it is deployed. */
export interface DeployedFunction {
  /** Of its archive, in base64, as Terraform's `source_code_hash` has it. */
  readonly codeSha256: string;
  readonly memoryMebibytes: number;
  readonly timeoutSeconds: number;
  /** Names of its environment variables. */
  readonly variables: readonly string[];
}

/** What runs in the account, by its name. */
export interface DeployedCode {
  /** @returns undefined when there is no such function */
  readFunction(name: string): Promise<DeployedFunction | undefined>;
  /** Of the stack's state machine. */
  readDefinition(): Promise<string>;
}
