import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

const ANYWHERE = "0.0.0.0/0";

/** Workers have addresses of their own. @returns what the way out is made of */
export function addInternetRoute(
  scope: Construct,
  { networkName, vpcId, routeTableId }: { readonly networkName: string; readonly vpcId: string; readonly routeTableId: string },
): { readonly gateway: InternetGateway; readonly route: Route } {
  const gateway = new InternetGateway(scope, "InternetGateway", { vpcId, tags: { Name: networkName } });
  const route = new Route(scope, "InternetRoute", { routeTableId, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id });
  return { gateway, route };
}

export interface NatRouteProps {
  readonly networkName: string;
  readonly vpcId: string;
  /** Of the workers' subnets. */
  readonly routeTableId: string;
  readonly availabilityZone: string;
  readonly cidrBlock: string;
}

/**
 * Workers share one NAT gateway in a public subnet of its own; its zone is then a single point of failure, at a third of the price.
 *
 * @returns what the way out is made of
 */
export function addNatRoute(
  scope: Construct,
  { networkName, vpcId, routeTableId, availabilityZone, cidrBlock }: NatRouteProps,
): readonly ITerraformDependable[] {
  const subnet = new Subnet(scope, "NatSubnet", { vpcId, availabilityZone, cidrBlock, tags: { Name: `${networkName}-nat` } });
  const publicRoutes = new RouteTable(scope, "NatRoutes", { vpcId, tags: { Name: `${networkName}-nat` } });
  const association = new RouteTableAssociation(scope, "NatAssociation", { subnetId: subnet.id, routeTableId: publicRoutes.id });
  const internet = addInternetRoute(scope, { networkName, vpcId, routeTableId: publicRoutes.id });
  const address = new Eip(scope, "NatAddress", { domain: "vpc" });
  const nat = new NatGateway(scope, "Nat", { subnetId: subnet.id, allocationId: address.id, dependsOn: [internet.gateway] });
  const route = new Route(scope, "NatRoute", { routeTableId, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id });
  return [association, internet.route, route];
}
