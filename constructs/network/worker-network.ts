import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { LogBucket } from "../storage/log-bucket";
import { closeDefaultGroup } from "./default-group";
import { addFlowLogs } from "./flow-logs";
import { addInterfaceEndpoints } from "./interface-endpoints";
import { addInternetRoute, addNatRoute } from "./internet-routes";
import { addWorkerAcl } from "./worker-acl";
import { zoneNames, type Zones } from "./zones";

/** How workers reach what gateway endpoints don't cover. */
export type WorkerEgress = "public-address" | "interface-endpoints" | "nat";

export interface WorkerNetworkProps {
  /** Of the VPC; names of its parts begin so. */
  readonly networkName: string;
  /** A /16; each zone takes a /20 of it (4,091 addresses). */
  readonly cidr: string;
  readonly availabilityZones: Zones;
  readonly egress: WorkerEgress;
  readonly region: string;
  /** A network ACL for the workers' subnets beside their group. @default false - the group says all of it */
  readonly networkAcl?: boolean;
  /** Where flow logs go. @default none are written */
  readonly flowLogs?: LogBucket | undefined;
}

/** From /16 to /20. */
const SUBNET_BITS = 4;

/**
 * Where workers run: a subnet in each zone, one route table, nothing comes in, and out goes only TLS. S3 and DynamoDB are reached by
 * gateway endpoints (see GatewayEndpoints), everything else by `egress`.
 */
export class WorkerNetwork extends Construct {
  public readonly networkName: string;
  public readonly vpcId: string;
  public readonly subnetIds: readonly string[];
  /** Route table of the workers' subnets. */
  public readonly routeTableId: string;
  public readonly securityGroupId: string;
  /** All that a worker needs to reach AWS but the gateway endpoints; what uses the network comes after it, and goes before it. */
  public readonly connection: readonly ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: WorkerNetworkProps) {
    super(scope, id);
    const { networkName, cidr, egress, region } = props;
    const zones = zoneNames(this, props.availabilityZones, region);
    const vpc = new Vpc(this, "Resource", {
      cidrBlock: cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: networkName },
    });
    const subnets = zones.map(
      (availabilityZone, i) =>
        new Subnet(this, `Subnet${i}`, {
          vpcId: vpc.id,
          availabilityZone,
          cidrBlock: Fn.cidrsubnet(cidr, SUBNET_BITS, i),
          mapPublicIpOnLaunch: egress === "public-address",
          tags: { Name: `${networkName}-workers-${availabilityZone}` },
        }),
    );
    const routes = new RouteTable(this, "Routes", { vpcId: vpc.id, tags: { Name: `${networkName}-workers` } });
    const associations = subnets.map(
      (subnet, i) => new RouteTableAssociation(this, `Association${i}`, { subnetId: subnet.id, routeTableId: routes.id }),
    );
    const group = new SecurityGroup(this, "WorkerGroup", {
      name: `${networkName}-workers`,
      description: "Workers: nothing in, TLS out",
      vpcId: vpc.id,
    });
    const egressRule = new VpcSecurityGroupEgressRule(this, "WorkerTls", {
      securityGroupId: group.id,
      description: "AWS APIs; their addresses change, so the port is what narrows it",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
    });
    closeDefaultGroup(this, { networkName, vpcId: vpc.id });
    if (props.flowLogs !== undefined) addFlowLogs(this, { networkName, vpcId: vpc.id, logs: props.flowLogs });
    this.networkName = networkName;
    this.vpcId = vpc.id;
    this.subnetIds = subnets.map((subnet) => subnet.id);
    this.routeTableId = routes.id;
    this.securityGroupId = group.id;
    const { vpcId, subnetIds } = this;
    const acl = props.networkAcl === true ? [addWorkerAcl(this, { networkName, vpcId, cidr, subnetIds })] : [];
    this.connection = [...associations, egressRule, ...acl, ...this.#addEgress(props, zones)];
  }

  #addEgress({ cidr, egress, region }: WorkerNetworkProps, zones: readonly string[]): readonly ITerraformDependable[] {
    const { networkName, routeTableId, subnetIds, vpcId } = this;
    switch (egress) {
      case "public-address":
        return [addInternetRoute(this, { networkName, vpcId, routeTableId }).route];
      case "nat":
        return addNatRoute(this, {
          networkName,
          vpcId,
          routeTableId,
          availabilityZone: zones[0] ?? "",
          // after the workers' subnets
          cidrBlock: Fn.cidrsubnet(cidr, SUBNET_BITS, zones.length),
        });
      case "interface-endpoints":
        return addInterfaceEndpoints(this, { networkName, vpcId, subnetIds, workerGroupId: this.securityGroupId, region });
    }
  }
}
