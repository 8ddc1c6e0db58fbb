import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { AssetType, Fn, TerraformAsset, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AsynchronousEvents } from "../../kit/function/asynchronous-events";
import type { EventTarget, RuleBinding, RuleReference } from "../events/event-target";
import type { WorkQueue } from "../messaging/work-queue";
import type { Grantee } from "../iam/statement";
import type { ServiceSource } from "../iam/service-source";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { Role } from "../iam/role";

/**
 * Deprecated in April 2028, the latest of the released ones.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
const RUNTIME = "nodejs24.x";

export interface NodeFunctionProps {
  readonly functionName: string;
  readonly description: string;
  /** The built zip; its `index.js` exports `handler`. */
  readonly zipFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMebibytes: number;
  /** At most 900, Lambda's limit. */
  readonly timeoutSeconds: number;
  /** /tmp; the first 512 MiB are free. */
  readonly ephemeralStorageMebibytes: number;
  readonly logRetentionDays: number;
  /** Concurrency kept for this function, taken from the account's. @default none - it shares the account's */
  readonly reservedConcurrency?: number;
  /**
   * What becomes of an event that nobody waits for and that fails or can't be taken at once.
   *
   * @default Lambda's own: two more attempts, and six hours in its queue
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly asynchronousEvents?: AsynchronousEvents;
  /**
   * The queue that takes such an event, with the error, once it has failed for good.
   *
   * @default none - it is lost, which is right only where something else finds what it told of
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  readonly failedEvents?: Pick<WorkQueue, "queueArn" | "grantSend">;
}

/** A Lambda on arm64 (a fifth cheaper) with its own role and its own log group. */
export class NodeFunction extends Construct implements EventTarget {
  public readonly functionName: string;
  public readonly functionArn: string;
  public readonly logGroupName: string;
  public readonly timeoutSeconds: number;
  public readonly role: Role;

  public constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { functionName, timeoutSeconds, reservedConcurrency, asynchronousEvents, failedEvents } = props;
    // made here, not by Lambda at the first call: that one would keep its lines for ever
    const key = encryptionKeyOf(this);
    const logs = new CloudwatchLogGroup(this, "Logs", {
      name: `/aws/lambda/${functionName}`,
      retentionInDays: props.logRetentionDays,
      ...(key === undefined ? {} : { kmsKeyId: key.keyArn }),
    });
    this.role = new Role(this, "Role", {
      roleName: `${functionName}-lambda`,
      description: `Permissions of the Lambda ${functionName}`,
      trustedService: "lambda.amazonaws.com",
    });
    this.role.addStatement({
      sid: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${logs.arn}:*`],
    });
    // Lambda decrypts the variables in the role's name. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    this.role.useKey("lambda", "read");
    failedEvents?.grantSend(this.role);
    const zip = new TerraformAsset(this, "Zip", { path: props.zipFile, type: AssetType.FILE });
    const lambda = new LambdaFunction(this, "Resource", {
      functionName,
      description: props.description,
      role: this.role.roleArn,
      runtime: RUNTIME,
      architectures: ["arm64"],
      handler: "index.handler",
      filename: zip.path,
      sourceCodeHash: Fn.filebase64sha256(zip.path),
      memorySize: props.memoryMebibytes,
      timeout: timeoutSeconds,
      ephemeralStorage: { size: props.ephemeralStorageMebibytes },
      environment: { variables: { ...props.environment } },
      ...(key === undefined ? {} : { kmsKeyArn: key.keyArn }),
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      // without it the first calls could meet a role that may do nothing yet
      dependsOn: [logs, this.role.policy],
    });
    if (asynchronousEvents !== undefined || failedEvents !== undefined) {
      new LambdaFunctionEventInvokeConfig(this, "AsynchronousEvents", {
        functionName: lambda.functionName,
        ...(asynchronousEvents === undefined
          ? {}
          : { maximumRetryAttempts: asynchronousEvents.retries, maximumEventAgeInSeconds: asynchronousEvents.maximumAgeSeconds }),
        ...(failedEvents === undefined ? {} : { destinationConfig: { onFailure: { destination: failedEvents.queueArn } } }),
      });
    }
    this.functionName = lambda.functionName;
    this.functionArn = lambda.arn;
    this.logGroupName = logs.name;
    this.timeoutSeconds = timeoutSeconds;
  }

  public grantInvoke(grantee: Grantee): void {
    grantee.addStatement({ sid: `Invoke${this.node.id}`, actions: ["lambda:InvokeFunction"], resources: [this.functionArn] });
  }

  /** Lets a service call for one of its resources. @returns what makes it call must come after it */
  public acceptFrom({ accountId, service, sid, sourceArn }: Omit<ServiceSource, "conditions">): ITerraformDependable {
    return new LambdaPermission(this, sid, {
      action: "lambda:InvokeFunction",
      functionName: this.functionName,
      principal: service,
      sourceArn,
      ...(accountId === undefined ? {} : { sourceAccount: accountId }),
    });
  }

  public bindRule({ id, ruleArn }: RuleReference): RuleBinding {
    this.acceptFrom({ sid: `Allow${id}`, service: "events.amazonaws.com", sourceArn: ruleArn });
    // nothing to wait for: what EventBridge is refused, it tries again for a day
    return { arn: this.functionArn, dependsOn: [] };
  }
}
