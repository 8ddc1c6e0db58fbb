import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { answerCall, type Service, type ServiceAnswer, type ServiceCall } from "../services/service";
import { ServiceError } from "../services/service-error";
import type { Clients } from "../provision/clients";
import { autoScalingService } from "./auto-scaling-service";
import { cloudWatchService } from "./cloudwatch-service";
import { ec2Service } from "./ec2-service";
import { QUEUE_METRICS, type LocalAlarms } from "./local-alarms";
import type { LocalScaling } from "./local-scaling";
import type { QueueDepths } from "./policy-minutes";

export interface LocalServicesOptions {
  readonly scaling: LocalScaling;
  readonly alarms: LocalAlarms;
  readonly accountId: string;
  readonly region: string;
  /** Of the emulator. */
  readonly clients: Clients;
}

/** The services that are answered here. */
export const localServices = ({ accountId, alarms, clients, region, scaling }: LocalServicesOptions): Service[] => {
  const context = {
    scaling,
    accountId,
    place: `${region}:${accountId}`,
    zonesOfSubnets: (ids: readonly string[]) => zonesOfSubnets(clients, ids),
  };
  return [autoScalingService(context), ec2Service(context), cloudWatchService(context, alarms)];
};

/** Answers what the emulator hands over. */
export function answerer(services: readonly Service[]): (call: ServiceCall) => Promise<ServiceAnswer> {
  return (call) => {
    const found = services.find(({ name }) => name === call.service);
    if (found === undefined) throw new Error(`the emulator handed over a call of ${call.service}, which nobody asked for`);
    return answerCall(found, call);
  };
}

async function zonesOfSubnets(clients: Clients, ids: readonly string[]): Promise<string[]> {
  const { Subnets = [] } = await clients.of(EC2Client).send(new DescribeSubnetsCommand({ SubnetIds: [...ids] }));
  return ids.map((id) => {
    const zone = Subnets.find(({ SubnetId }) => SubnetId === id)?.AvailabilityZone;
    if (zone === undefined) throw new ServiceError("ValidationError", `the subnet ID '${id}' does not exist`);
    return zone;
  });
}

/** What SQS would report now. */
export async function queueDepths(clients: Clients): Promise<QueueDepths> {
  const sqs = clients.of(SQSClient);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const depths = await Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: Object.values(QUEUE_METRICS) }));
      return [QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1), Attributes] as const;
    }),
  );
  return new Map(depths);
}
