import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { Readable } from "node:stream";
import { autoScalingService } from "../../../../kit/local/scaling/auto-scaling-service";
import { cloudWatchService } from "../../../../kit/local/scaling/cloudwatch-service";
import { ec2Service } from "../../../../kit/local/scaling/ec2-service";
import { LocalAlarms } from "../../../../kit/local/scaling/local-alarms";
import { LocalScaling } from "../../../../kit/local/scaling/local-scaling";
import { PolicyClock } from "../../../../kit/local/scaling/policy-clock";
import { answerCall, type Service } from "../../../../kit/local/services/service";

export const ACCOUNT_ID = "000000000000";

/** Answers an SDK's requests without a network, as the emulator hands them over. */
const handlerOf = (service: Service) => ({
  handle: async (request: unknown) => {
    if (!(request instanceof HttpRequest)) throw new Error("no request of an SDK");
    const sent: unknown = request.body;
    const body = sent instanceof Uint8Array ? new TextDecoder().decode(sent) : String(sent);
    const target = request.headers["x-amz-target"];
    const operation = target?.split(".").at(-1) ?? new URLSearchParams(body).get("Action") ?? "";
    const contentType = request.headers["content-type"] ?? "";
    const answer = await answerCall(service, { service: service.name, operation, contentType, body });
    return {
      response: new HttpResponse({
        statusCode: answer.status,
        headers: { ...answer.headers },
        body: Readable.from([Buffer.from(answer.body)]),
      }),
    };
  },
});

const zoneByName = (id: string): string => id.replace("subnet", "us-east-1");

/** What API calls are answered by, with the SDK's own clients before it. Its time stands still but for `pass`. */
export class AnsweredSdk {
  public readonly alarms = new LocalAlarms();
  public readonly scaling: LocalScaling;
  public readonly autoScaling: AutoScalingClient;
  public readonly ec2: EC2Client;
  public readonly cloudWatch: CloudWatchClient;

  /**
   * @param time when it begins, in milliseconds since the epoch
   * @param zoneOf the zone of a subnet. @default its last letter's: subneta is in us-east-1a
   */
  public constructor(
    private time = Date.parse("2026-11-29T10:00:00Z"),
    zoneOf: (subnetId: string) => string = zoneByName,
  ) {
    this.scaling = new LocalScaling(new PolicyClock(1, () => this.time));
    const zonesOfSubnets = (ids: readonly string[]): Promise<string[]> => Promise.resolve(ids.map(zoneOf));
    const context = { scaling: this.scaling, accountId: ACCOUNT_ID, place: `us-east-1:${ACCOUNT_ID}`, zonesOfSubnets };
    const settings = (service: Service) => ({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIA", secretAccessKey: "none" },
      maxAttempts: 1,
      requestHandler: handlerOf(service),
    });
    this.autoScaling = new AutoScalingClient(settings(autoScalingService(context)));
    this.ec2 = new EC2Client(settings(ec2Service(context)));
    this.cloudWatch = new CloudWatchClient(settings(cloudWatchService(context, this.alarms)));
  }

  public pass(seconds: number): void {
    this.time += seconds * 1_000;
    this.scaling.settle();
  }
}
