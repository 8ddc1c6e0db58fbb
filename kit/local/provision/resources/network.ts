import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { DomainType, IpPermission, LogDestinationType, RuleAction, TrafficType, VpcEndpointType } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { blocks, optionalFlag, optionalText, optionalTexts, optionalWhole, text, whole } from "../../../graph/arguments";
import { answered, defined, recorded, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const NO_NETWORK = recorded(
  "the emulator has no network of its own: everything is on 127.0.0.1; tests of the synthesized files check the rules",
);

const vpcType = resourceType(
  z.object({ cidr_block: text, enable_dns_hostnames: optionalFlag, enable_dns_support: optionalFlag }),
  async ({ cidr_block, enable_dns_hostnames, enable_dns_support }, { clients, region, accountId }) => {
    const { Vpc } = await clients.of(EC2Client).send(new CreateVpcCommand({ CidrBlock: cidr_block }));
    const VpcId = answered(Vpc?.VpcId, "VpcId");
    // one attribute a call. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html
    if (enable_dns_hostnames !== undefined) {
      await clients.of(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: enable_dns_hostnames } }));
    }
    if (enable_dns_support !== undefined) {
      await clients.of(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: enable_dns_support } }));
    }
    return { id: VpcId, arn: `arn:aws:ec2:${region}:${accountId}:vpc/${VpcId}` };
  },
  NO_NETWORK,
);

const subnetType = resourceType(
  z.object({ vpc_id: text, cidr_block: text, availability_zone: optionalText, map_public_ip_on_launch: optionalFlag }),
  async ({ vpc_id, cidr_block, availability_zone, map_public_ip_on_launch }, { clients, region, accountId }) => {
    const { Subnet } = await clients
      .of(EC2Client)
      .send(new CreateSubnetCommand({ ...defined({ AvailabilityZone: availability_zone }), VpcId: vpc_id, CidrBlock: cidr_block }));
    const SubnetId = answered(Subnet?.SubnetId, "SubnetId");
    if (map_public_ip_on_launch === true) {
      await clients.of(EC2Client).send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
    }
    return { id: SubnetId, arn: `arn:aws:ec2:${region}:${accountId}:subnet/${SubnetId}` };
  },
  NO_NETWORK,
);

const internetGatewayType = resourceType(
  z.object({ vpc_id: optionalText }),
  async ({ vpc_id }, { clients }) => {
    const { InternetGateway } = await clients.of(EC2Client).send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = answered(InternetGateway?.InternetGatewayId, "InternetGatewayId");
    if (vpc_id !== undefined) await clients.of(EC2Client).send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: vpc_id }));
    return { id: InternetGatewayId };
  },
  NO_NETWORK,
);

const routeTableType = resourceType(
  z.object({ vpc_id: text }),
  async ({ vpc_id }, { clients }) => {
    const { RouteTable } = await clients.of(EC2Client).send(new CreateRouteTableCommand({ VpcId: vpc_id }));
    return { id: answered(RouteTable?.RouteTableId, "RouteTableId") };
  },
  NO_NETWORK,
);

const routeType = resourceType(
  z.object({ route_table_id: text, destination_cidr_block: text, gateway_id: optionalText, nat_gateway_id: optionalText }),
  async ({ route_table_id, destination_cidr_block, gateway_id, nat_gateway_id }, { clients }) => {
    await clients.of(EC2Client).send(
      new CreateRouteCommand({
        ...defined({ GatewayId: gateway_id, NatGatewayId: nat_gateway_id }),
        RouteTableId: route_table_id,
        DestinationCidrBlock: destination_cidr_block,
      }),
    );
    return { id: `r-${route_table_id}-${destination_cidr_block}` };
  },
  NO_NETWORK,
);

const routeTableAssociationType = resourceType(
  z.object({ route_table_id: text, subnet_id: text }),
  async ({ route_table_id, subnet_id }, { clients }) => {
    const { AssociationId } = await clients
      .of(EC2Client)
      .send(new AssociateRouteTableCommand({ RouteTableId: route_table_id, SubnetId: subnet_id }));
    return { id: answered(AssociationId, "AssociationId") };
  },
  NO_NETWORK,
);

const securityGroupType = resourceType(
  z.object({ name: text, description: optionalText, vpc_id: optionalText }),
  async ({ name, description, vpc_id }, { clients, region, accountId }) => {
    const { GroupId } = await clients.of(EC2Client).send(
      new CreateSecurityGroupCommand({
        ...defined({ VpcId: vpc_id }),
        GroupName: name,
        Description: description ?? "Managed by Terraform",
      }),
    );
    const id = answered(GroupId, "GroupId");
    return { id, arn: `arn:aws:ec2:${region}:${accountId}:security-group/${id}` };
  },
  NO_NETWORK,
);

/** Terraform takes the VPC's own group over and, where none are stated, takes all its rules away. */
const defaultSecurityGroupType = resourceType(
  z.object({ vpc_id: text, ingress: z.array(z.never()).optional(), egress: z.array(z.never()).optional() }),
  async ({ vpc_id }, { clients, region, accountId }) => {
    const Filters = [
      { Name: "vpc-id", Values: [vpc_id] },
      { Name: "group-name", Values: ["default"] },
    ];
    const { SecurityGroups } = await clients.of(EC2Client).send(new DescribeSecurityGroupsCommand({ Filters }));
    const group = answered(SecurityGroups?.[0], "SecurityGroups");
    const GroupId = answered(group.GroupId, "GroupId");
    const [incoming = [], outgoing = []] = [group.IpPermissions, group.IpPermissionsEgress];
    if (incoming.length > 0) await clients.of(EC2Client).send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: incoming }));
    if (outgoing.length > 0) await clients.of(EC2Client).send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: outgoing }));
    return { id: GroupId, arn: `arn:aws:ec2:${region}:${accountId}:security-group/${GroupId}` };
  },
  NO_NETWORK,
);

const aclRule = z.object({ rule_no: whole, action: text, protocol: text, cidr_block: text, from_port: whole, to_port: whole });

/** Numbers of protocols, as EC2 takes them in a list's rules. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html */
const TCP = "6";

const networkAclType = resourceType(
  z.object({ vpc_id: text, subnet_ids: optionalTexts, egress: blocks(aclRule), ingress: blocks(aclRule) }),
  async ({ vpc_id, subnet_ids = [], egress, ingress }, { clients }) => {
    const { NetworkAcl } = await clients.of(EC2Client).send(new CreateNetworkAclCommand({ VpcId: vpc_id }));
    const NetworkAclId = answered(NetworkAcl?.NetworkAclId, "NetworkAclId");
    for (const [rules, isEgress] of [
      [egress, true],
      [ingress, false],
    ] as const)
      for (const { action, cidr_block, from_port, protocol, rule_no, to_port } of rules)
        await clients.of(EC2Client).send(
          new CreateNetworkAclEntryCommand({
            NetworkAclId,
            Egress: isEgress,
            RuleNumber: rule_no,
            RuleAction: action as RuleAction,
            Protocol: protocol === "tcp" ? TCP : protocol,
            CidrBlock: cidr_block,
            PortRange: { From: from_port, To: to_port },
          }),
        );
    // a subnet always has a list: it changes over
    const { NetworkAcls = [] } = await clients
      .of(EC2Client)
      .send(new DescribeNetworkAclsCommand({ Filters: [{ Name: "vpc-id", Values: [vpc_id] }] }));
    for (const { NetworkAclAssociationId, SubnetId } of NetworkAcls.flatMap(({ Associations = [] }) => Associations))
      if (NetworkAclAssociationId !== undefined && SubnetId !== undefined && subnet_ids.includes(SubnetId))
        await clients.of(EC2Client).send(new ReplaceNetworkAclAssociationCommand({ AssociationId: NetworkAclAssociationId, NetworkAclId }));
    return { id: NetworkAclId };
  },
  NO_NETWORK,
);

const flowLogType = resourceType(
  z.object({ vpc_id: text, traffic_type: text, log_destination_type: text, log_destination: text }),
  async ({ vpc_id, traffic_type, log_destination_type, log_destination }, { clients }) => {
    const { FlowLogIds } = await clients.of(EC2Client).send(
      new CreateFlowLogsCommand({
        ResourceType: "VPC",
        ResourceIds: [vpc_id],
        TrafficType: traffic_type as TrafficType,
        LogDestinationType: log_destination_type as LogDestinationType,
        LogDestination: log_destination,
      }),
    );
    return { id: answered(FlowLogIds?.[0], "FlowLogIds") };
  },
  NO_NETWORK,
);

const ruleArguments = z.object({
  security_group_id: text,
  description: optionalText,
  ip_protocol: text,
  from_port: optionalWhole,
  to_port: optionalWhole,
  cidr_ipv4: optionalText,
  referenced_security_group_id: optionalText,
});

function permissionOf(rule: z.output<typeof ruleArguments>): IpPermission {
  const note = defined({ Description: rule.description });
  return defined({
    IpProtocol: rule.ip_protocol,
    FromPort: rule.from_port,
    ToPort: rule.to_port,
    IpRanges: rule.cidr_ipv4 === undefined ? undefined : [{ ...note, CidrIp: rule.cidr_ipv4 }],
    UserIdGroupPairs:
      rule.referenced_security_group_id === undefined ? undefined : [{ ...note, GroupId: rule.referenced_security_group_id }],
  });
}

const egressRuleType = resourceType(
  ruleArguments,
  async (rule, { clients }) => {
    const { SecurityGroupRules } = await clients
      .of(EC2Client)
      .send(new AuthorizeSecurityGroupEgressCommand({ GroupId: rule.security_group_id, IpPermissions: [permissionOf(rule)] }));
    return ruleIdentity(SecurityGroupRules?.[0]?.SecurityGroupRuleId);
  },
  NO_NETWORK,
);

const ingressRuleType = resourceType(
  ruleArguments,
  async (rule, { clients }) => {
    const { SecurityGroupRules } = await clients
      .of(EC2Client)
      .send(new AuthorizeSecurityGroupIngressCommand({ GroupId: rule.security_group_id, IpPermissions: [permissionOf(rule)] }));
    return ruleIdentity(SecurityGroupRules?.[0]?.SecurityGroupRuleId);
  },
  NO_NETWORK,
);

/** Nothing refers to a rule, so an emulator that tells no id is no obstacle. */
const ruleIdentity = (id: string | undefined) => (id === undefined ? {} : { id, security_group_rule_id: id });

const endpointType = resourceType(
  z.object({
    vpc_id: text,
    service_name: text,
    vpc_endpoint_type: optionalText,
    policy: optionalText,
    private_dns_enabled: optionalFlag,
    route_table_ids: optionalTexts,
    subnet_ids: optionalTexts,
    security_group_ids: optionalTexts,
  }),
  async (values, { clients, region, accountId }) => {
    const { VpcEndpoint } = await clients.of(EC2Client).send(
      new CreateVpcEndpointCommand({
        ...defined({
          PolicyDocument: values.policy,
          PrivateDnsEnabled: values.private_dns_enabled,
          RouteTableIds: values.route_table_ids,
          SubnetIds: values.subnet_ids,
          SecurityGroupIds: values.security_group_ids,
        }),
        VpcId: values.vpc_id,
        ServiceName: values.service_name,
        VpcEndpointType: (values.vpc_endpoint_type ?? "Gateway") as VpcEndpointType,
      }),
    );
    const id = answered(VpcEndpoint?.VpcEndpointId, "VpcEndpointId");
    return { id, arn: `arn:aws:ec2:${region}:${accountId}:vpc-endpoint/${id}` };
  },
  NO_NETWORK,
);

const addressType = resourceType(
  z.object({ domain: optionalText }),
  async ({ domain }, { clients }) => {
    const { AllocationId, PublicIp } = await clients
      .of(EC2Client)
      .send(new AllocateAddressCommand({ Domain: (domain ?? "vpc") as DomainType }));
    const id = answered(AllocationId, "AllocationId");
    return { id, allocation_id: id, public_ip: answered(PublicIp, "PublicIp") };
  },
  NO_NETWORK,
);

const natGatewayType = resourceType(
  z.object({ subnet_id: text, allocation_id: optionalText }),
  async ({ subnet_id, allocation_id }, { clients }) => {
    const { NatGateway } = await clients
      .of(EC2Client)
      .send(new CreateNatGatewayCommand({ ...defined({ AllocationId: allocation_id }), SubnetId: subnet_id }));
    return { id: answered(NatGateway?.NatGatewayId, "NatGatewayId") };
  },
  NO_NETWORK,
);

export const NETWORK_TYPES = {
  aws_default_security_group: defaultSecurityGroupType,
  aws_eip: addressType,
  aws_flow_log: flowLogType,
  aws_internet_gateway: internetGatewayType,
  aws_nat_gateway: natGatewayType,
  aws_network_acl: networkAclType,
  aws_route: routeType,
  aws_route_table: routeTableType,
  aws_route_table_association: routeTableAssociationType,
  aws_security_group: securityGroupType,
  aws_subnet: subnetType,
  aws_vpc: vpcType,
  aws_vpc_endpoint: endpointType,
  aws_vpc_security_group_egress_rule: egressRuleType,
  aws_vpc_security_group_ingress_rule: ingressRuleType,
} satisfies Record<string, ResourceType>;
