import { AsgCapacity, AsgHosts } from "../../kit/aws/asg-capacity";
import { makeAutoScalingClient, makeDynamoDbClient, makeLambdaClient, makeSqsClient, makeStepFunctionsClient } from "../../kit/aws/clients";
import { DynamoDbRowStore } from "../../kit/aws/dynamodb-row-store";
import { LambdaInvoker } from "../../kit/aws/lambda-invoker";
import { nodeZlib } from "../../kit/aws/node-zlib";
import { sdkCallMeter } from "../../kit/aws/call-meter";
import { sdkFaults } from "../../kit/aws/sdk-faults";
import { SfnTaskCallback } from "../../kit/aws/sfn-task-callback";
import { SqsQueue } from "../../kit/aws/sqs-queue";
import type { OnAws } from "../../kit/function/aws-handler";
import { invocationFolders, type WithInvocationFolder } from "../../kit/function/invocation-folder";
import { commaList } from "../../kit/lib/env";
import type { CallMeter } from "../../kit/ports/call-meter";
import type { Capacity, Hosts } from "../../kit/ports/capacity";
import type { Decompressor } from "../../kit/ports/decompressor";
import type { Invoker } from "../../kit/ports/invoker";
import type { ServiceFaults } from "../../kit/ports/service-faults";
import type { TaskCallback } from "../../kit/ports/task-callback";
import { DynamoDbResultStore } from "../../systems/batch/aws/dynamodb-result-store";
import { SfnWorkflow } from "../../systems/batch/aws/sfn-workflow";
import { RowLedger } from "../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../systems/batch/core/ledger/unreadable-row";
import type { Ledger } from "../../systems/batch/ports/ledger";
import type { ResultStore } from "../../systems/batch/ports/result-store";
import type { Workflow } from "../../systems/batch/ports/workflow";

// The adapter of each kind of use on AWS. A handler names those that it needs: a bundle holds these only.

export const ledger = ({ address, clock, log, shared }: OnAws): Ledger =>
  new RowLedger(new DynamoDbRowStore(shared(makeDynamoDbClient), address), clock, unreadableToLog(log));

/** A client of its own, and with it a retry budget: a throttled table must not use up that of the ledger. */
export const resultStore = ({ address, clock, own }: OnAws): ResultStore =>
  new DynamoDbResultStore(own(makeDynamoDbClient), address, clock);

export const bucket = ({ address }: OnAws): string => address;
export const bucketList = ({ address }: OnAws): readonly string[] => commaList.parse(address);
export const unnamed = (): undefined => undefined;

export const queue = ({ address, clock, shared }: OnAws): SqsQueue => new SqsQueue(shared(makeSqsClient), address, clock);

export const workflow = ({ address, shared }: OnAws): Workflow => new SfnWorkflow(shared(makeStepFunctionsClient), address);
export const taskCallback = ({ shared }: OnAws): TaskCallback => new SfnTaskCallback(shared(makeStepFunctionsClient));

export const capacity = ({ address, shared }: OnAws): Capacity => new AsgCapacity(shared(makeAutoScalingClient), address);
export const hosts = ({ address, shared }: OnAws): Hosts => new AsgHosts(shared(makeAutoScalingClient), address);

export const invoke = ({ address, shared }: OnAws): Invoker => new LambdaInvoker(shared(makeLambdaClient), address);

export const folder = ({ environment, log }: OnAws): WithInvocationFolder => invocationFolders(environment, log);
export const decompressor = (): Decompressor => nodeZlib;
export const callMeter = (): CallMeter => sdkCallMeter;
export const serviceFaults = (): ServiceFaults => sdkFaults;
