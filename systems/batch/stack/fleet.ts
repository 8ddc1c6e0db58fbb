import { ON_DEMAND_SUFFIX, WORKER_SERVICE_NAME } from "../contracts/names";
import path from "node:path";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import { App, Fn, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import type { FleetConfig } from "../config/fleet-schema";
import { architectureOf, architecturesOf } from "../config/instance-types";
import type { EnvironmentConfig } from "../config/schema";
import { grantSessions } from "../../../constructs/compute/session-access";
import { userData } from "../../../constructs/compute/user-data";
import { WorkerGroup, type WorkerGroupProps } from "../../../constructs/compute/worker-group";
import { WorkerTemplate } from "../../../constructs/compute/worker-template";
import { GatewayEndpoints } from "../../../constructs/network/gateway-endpoints";
import { WorkerNetwork } from "../../../constructs/network/worker-network";
import { QueueScaleInPolicy } from "../../../constructs/observability/queue-scale-in";
import { QueueScaleOutPolicy } from "../../../constructs/observability/queue-scaling";
import { WorkerLogs } from "../../../constructs/observability/worker-logs";
import { grantReadOf } from "../../../constructs/storage/private-bucket";
import type { Tags } from "../../../constructs/tagging";
import { ARTEFACT_PREFIX, BATCHES_PREFIX, UPLOADS_PREFIX } from "../contracts/state-keys";
import { present } from "../../../kit/lib/present";
import type { Data } from "./data";
import type { DeployedNames } from "./names";
import { workerArchiveFile } from "../config/worker-archive";
import { workerEnvironment } from "./worker-environment";

export interface FleetProps {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly data: Data;
  readonly accountId: string;
  readonly buildDirectory: string;
  readonly tags: Tags;
}

/** What the fleet's groups differ in, beside what their workers are for. */
type GroupSizes = Pick<
  WorkerGroupProps,
  "groupName" | "initialInstances" | "maximumInstances" | "minimumInstances" | "onDemandBaseCapacity" | "onDemandPercentage"
>;

/** A worker that is told to stop drains this long: a minute to finish files, and the rest for the last commit. */
const STOP_TIMEOUT_SECONDS = 110;

/** The spot fleet: its network, its template, its group, and what makes it grow. */
export class Fleet extends Construct {
  public readonly template: WorkerTemplate;
  public readonly group: WorkerGroup;
  /** Of workers for chunks that wait for on-demand capacity; undefined where none do. */
  public readonly onDemandGroup: WorkerGroup | undefined;
  /** Where workers tell what went wrong. */
  public readonly logGroupName: string;
  /** Of the worker's program and settings, known to Terraform when it plans. */
  public readonly workerVersion: string;

  public constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { config, names, accountId } = props;
    const { fleet, region } = config;
    const network = new WorkerNetwork(this, "Network", {
      networkName: names.network,
      cidr: config.vpcCidr,
      availabilityZones: config.availabilityZones,
      egress: config.egress,
      networkAcl: config.networkAcl,
      flowLogs: props.data.logs,
      region,
    });
    const instanceTags = { ...props.tags, Name: fleet.instanceNameTag };
    this.template = new WorkerTemplate(this, "Template", {
      templateName: names.launchTemplate,
      roleName: names.workerRole,
      machines: machinesOf(fleet),
      ...(fleet.onDemandRescue === undefined ? {} : { variants: [ON_DEMAND_SUFFIX] }),
      securityGroupId: network.securityGroupId,
      rootVolumeGibibytes: fleet.rootVolumeGibibytes,
      tags: instanceTags,
      ...(fleet.keyPairName === undefined ? {} : { keyPairName: fleet.keyPairName }),
      ...(fleet.rootDeviceName === undefined ? {} : { rootDeviceName: fleet.rootDeviceName }),
    });
    const gateways = new GatewayEndpoints(this, "GatewayEndpoints", { network, region, accountId, roles: [this.template.role] });
    const archives = this.#addArchives(props);
    const logs = new WorkerLogs(this, "Logs", { logGroupName: names.workerLogGroup, retentionDays: config.logRetentionDays });
    this.logGroupName = logs.group.name;
    this.workerVersion = this.template.setUserData((version, architecture, variant) => {
      const archive = present(archives.get(architecture), `the archive for ${architecture}`);
      return userData({
        serviceName: WORKER_SERVICE_NAME,
        region,
        archive: { bucketName: archive.bucket, key: archive.key, sha256: archive.sourceHash },
        environment: workerEnvironment(props, version, variant === ON_DEMAND_SUFFIX ? "on-demand" : "all"),
        logGroupName: names.workerLogGroup,
        runtime: fleet.workerRuntime,
        stopTimeoutSeconds: STOP_TIMEOUT_SECONDS,
      });
    });
    const makeGroup = (id: string, variant: string, sizes: GroupSizes): WorkerGroup =>
      new WorkerGroup(this, id, {
        ...fleet,
        ...sizes,
        terminationHookName: names.terminationHook,
        choices: mapAll(fleet.instanceTypes, (instanceType) => ({
          instanceType,
          template: this.template.templateOf(architectureOf(instanceType), variant),
        })),
        subnetIds: network.subnetIds,
        region,
        accountId,
        tags: instanceTags,
        after: [this.template.role.policy, ...new Set(archives.values()), logs.group, ...network.connection, ...gateways.endpoints],
      });
    this.group = makeGroup("Group", "", { ...fleet, groupName: names.group });
    if (fleet.onDemandRescue !== undefined) {
      const { maximumInstances } = fleet.onDemandRescue;
      this.onDemandGroup = makeGroup("OnDemandGroup", ON_DEMAND_SUFFIX, {
        groupName: names.onDemandGroup,
        onDemandBaseCapacity: 0,
        onDemandPercentage: 100,
        minimumInstances: 0,
        initialInstances: 0,
        maximumInstances,
      });
    }
    this.#grantWork(props);
    logs.grantWrite(this.template.role);
    grantSessions(this.template.role, `arn:aws:ec2:${region}:${accountId}:instance/*`);
    this.#addScaling(props);
  }

  /** By architecture; a worker that runs on the machine's own Node has one for both. */
  #addArchives(props: FleetProps): ReadonlyMap<string, S3Object> {
    const { fleet } = props.config;
    const byFile = new Map<string, S3Object>();
    return new Map(
      architecturesOf(fleet.instanceTypes).map((architecture) => {
        const fileName = workerArchiveFile(fleet, architecture);
        const archive =
          byFile.get(fileName) ?? this.#addArchive(props, byFile.size === 0 ? "Archive" : `Archive-${architecture}`, fileName);
        byFile.set(fileName, archive);
        return [architecture, archive];
      }),
    );
  }

  /**
   * The worker's program, uploaded by whoever deploys. Its key tells its content, and the one before goes last: until an apply has come to
   * its end, the launch template names an object that is there (docs/adr/0019-archive-by-content.md).
   */
  #addArchive({ buildDirectory, data }: FleetProps, id: string, fileName: string): S3Object {
    // the archive with Node in it is 45 MB and not built for a synthesis: Terraform reads it when it plans. Relative to where
    // Terraform runs, so that the file is the same in every checkout
    const source = path.relative(stackDirectory(this), path.join(buildDirectory, "worker", fileName));
    const file = source.split(path.sep).join("/");
    const sha256 = Token.asString(Fn.filesha256(file));
    return new S3Object(this, id, {
      bucket: data.state.bucketName,
      key: `${ARTEFACT_PREFIX}worker-${sha256}.tar.gz`,
      source: file,
      sourceHash: sha256,
      lifecycle: { createBeforeDestroy: true },
      // deleted by mistake, it can be brought back
      dependsOn: [data.state.versioning],
    });
  }

  #grantWork({ config, data }: FleetProps): void {
    const { role } = this.template;
    data.jobs.grantConsume(role);
    data.chunks.grantConsume(role);
    data.results.grantSend(role);
    data.jobs.grantSendToDeadLetters(role);
    data.chunks.grantSendToDeadLetters(role);
    grantReadOf(role, "Sources", data.readableBucketNames);
    data.state.grantReadObjects(role, BATCHES_PREFIX);
    data.state.grantWriteObjects(role, BATCHES_PREFIX);
    data.state.grantWriteObjects(role, UPLOADS_PREFIX);
    data.state.grantReadObjects(role, ARTEFACT_PREFIX);
    data.state.grantList(role);
    data.resultTable.grantPut(role);
    data.ledger.grantRead(role);
    data.ledger.grantUpdate(role);
    data.ledger.grantPut(role);
    // files that failed are counted over a batch's chunks; and an idle worker looks whether a plan asks for capacity before it goes
    data.ledger.grantQuery(role);
    // a worker on spot capacity hands chunks over there, and one on demand takes them
    data.onDemandChunks?.grantConsume(role);
    data.onDemandChunks?.grantSend(role);
    for (const group of [this.group, this.onDemandGroup]) {
      group?.grantCompleteTermination(role);
      if (config.fleet.protectFromScaleIn) group?.grantTerminate(role);
    }
  }

  #addScaling({ config, names, data }: FleetProps): void {
    const { scaleOut, scaleIn } = config.fleet;
    // an alarm repeats its action each minute that it lasts: beside the orchestrator, which knows the capacity, policies would raise on
    // and on while no host starts
    if (scaleOut === undefined) return;
    const common = { groupName: this.group.groupName, scaleOut };
    new QueueScaleOutPolicy(this, "ScaleOut", {
      ...common,
      queueName: data.jobs.queueName,
      policyName: "Scale-Out-Policy",
      alarmName: names.alarm("jobs-scale-out"),
      runbookSection: names.runbookSection("jobs-scale-out"),
    });
    new QueueScaleOutPolicy(this, "ScaleOutChunks", {
      ...common,
      queueName: data.chunks.queueName,
      policyName: "Scale-Out-Chunks-Policy",
      alarmName: names.alarm("chunks-scale-out"),
      runbookSection: names.runbookSection("chunks-scale-out"),
    });
    if (scaleIn === undefined) return;
    new QueueScaleInPolicy(this, "ScaleIn", {
      groupName: this.group.groupName,
      scaleIn,
      queueNames: { jobs: data.jobs.queueName, chunks: data.chunks.queueName },
      policyName: "Scale-In-Policy",
      alarmName: names.alarm("scale-in"),
      runbookSection: names.runbookSection("scale-in"),
    });
  }
}

/** What is launched, by architecture. */
const machinesOf = ({ images, instanceTypes }: FleetConfig) =>
  mapAll(architecturesOf(instanceTypes), (architecture) => ({
    architecture,
    // the schema holds that there is one for each
    image: present(images[architecture], `the image for ${architecture}`),
    instanceTypes: mapAll(
      instanceTypes.filter((type) => architectureOf(type) === architecture),
      (type) => type,
    ),
  }));

/** @throws RangeError when there is none, which the schema excludes */
function mapAll<T, R>([first, ...others]: readonly T[], map: (each: T) => R): [R, ...R[]] {
  if (first === undefined) throw new RangeError("a fleet has at least one instance type");
  return [map(first), ...others.map(map)];
}

/** Where cdktf writes the stack, and Terraform runs. */
const stackDirectory = (scope: Construct): string => {
  const stack = TerraformStack.of(scope);
  return path.resolve(App.of(stack).outdir, "stacks", stack.node.id);
};
