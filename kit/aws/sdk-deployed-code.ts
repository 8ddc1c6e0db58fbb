import { GetFunctionConfigurationCommand, ResourceNotFoundException, type LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
import type { DeployedCode, DeployedFunction } from "../ports/deployed-code";

/** Lambda and Step Functions through the SDK. */
export class SdkDeployedCode implements DeployedCode {
  public constructor(
    private readonly lambda: LambdaClient,
    private readonly sfn: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  public async readFunction(name: string): Promise<DeployedFunction | undefined> {
    try {
      const found = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return {
        codeSha256: found.CodeSha256 ?? "",
        memoryMebibytes: found.MemorySize ?? 0,
        timeoutSeconds: found.Timeout ?? 0,
        variables: Object.keys(found.Environment?.Variables ?? {}).sort(),
      };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  public async readDefinition(): Promise<string> {
    const { definition = "" } = await this.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: this.stateMachineArn }));
    return definition;
  }
}
