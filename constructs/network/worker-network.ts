import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { addInterfaceEndpoints } from "./interface-endpoints";
import { addInternetRoute, addNatRoute } from "./internet-routes";

/** How workers reach what gateway endpoints don't cover. */
export type WorkerEgress = "public-address" | "interface-endpoints" | "nat";

export interface WorkerNetworkProps {
  /** A /16; each zone takes a /20 of it (4,091 addresses). */
  readonly cidr: string;
  readonly availabilityZones: readonly string[];
  readonly egress: WorkerEgress;
  readonly region: string;
}

/** From /16 to /20. */
const SUBNET_BITS = 4;

/**
 * Where workers run: a subnet in each zone, one route table, nothing comes in, and out goes only TLS. S3 and DynamoDB are reached by
 * gateway endpoints (see GatewayEndpoints), everything else by `egress`.
 */
export class WorkerNetwork extends Construct {
  public readonly vpcId: string;
  public readonly subnetIds: readonly string[];
  /** Route table of the workers' subnets. */
  public readonly routeTableId: string;
  public readonly securityGroupId: string;

  public constructor(scope: Construct, id: string, props: WorkerNetworkProps) {
    super(scope, id);
    const { cidr, availabilityZones, egress, region } = props;
    const vpc = new Vpc(this, "Resource", {
      cidrBlock: cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: "filemill" },
    });
    const subnets = availabilityZones.map(
      (availabilityZone, i) =>
        new Subnet(this, `Subnet${i}`, {
          vpcId: vpc.id,
          availabilityZone,
          cidrBlock: Fn.cidrsubnet(cidr, SUBNET_BITS, i),
          mapPublicIpOnLaunch: egress === "public-address",
          tags: { Name: `filemill-workers-${availabilityZone}` },
        }),
    );
    const routes = new RouteTable(this, "Routes", { vpcId: vpc.id, tags: { Name: "filemill-workers" } });
    subnets.forEach((subnet, i) => new RouteTableAssociation(this, `Association${i}`, { subnetId: subnet.id, routeTableId: routes.id }));
    const group = new SecurityGroup(this, "WorkerGroup", {
      name: "filemill-workers",
      description: "Workers: nothing in, TLS out",
      vpcId: vpc.id,
    });
    new VpcSecurityGroupEgressRule(this, "WorkerTls", {
      securityGroupId: group.id,
      description: "AWS APIs; their addresses change, so the port is what narrows it",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
    });
    this.vpcId = vpc.id;
    this.subnetIds = subnets.map((subnet) => subnet.id);
    this.routeTableId = routes.id;
    this.securityGroupId = group.id;
    switch (egress) {
      case "public-address":
        addInternetRoute(this, { vpcId: vpc.id, routeTableId: routes.id });
        break;
      case "nat":
        addNatRoute(this, {
          vpcId: vpc.id,
          routeTableId: routes.id,
          availabilityZone: availabilityZones[0] ?? "",
          // after the workers' subnets
          cidrBlock: Fn.cidrsubnet(cidr, SUBNET_BITS, availabilityZones.length),
        });
        break;
      case "interface-endpoints":
        addInterfaceEndpoints(this, { vpcId: vpc.id, subnetIds: this.subnetIds, workerGroupId: group.id, region });
        break;
    }
  }
}
