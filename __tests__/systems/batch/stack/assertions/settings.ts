import { expect } from "expect";
import { quotaNeeds } from "../../../../../systems/batch/config/quota-needs";
import { allResources, constructPathOf } from "../../../../support/synth";
import { assertions } from "./assertions";
import { namedZones, referencesOf } from "./kinds/expected";

/** What is no resource: where the state is, the provider, the outputs, and references that nothing else follows. */
export const settingsAssertions = assertions("settings", ({ name, config, stack }, test) => {
  const ref = referencesOf(stack);

  test("the state is in a file beside the project, and the provider is pinned", () => {
    expect(stack.terraform).toEqual({
      backend: { local: { path: `../../../terraform.batch-${name}.tfstate` } },
      required_providers: { aws: { source: "aws", version: "6.25.0" } },
    });
    expect(stack.provider["aws"]).toMatchObject([{ region: config.region }]);
  });

  test("machine images are found by the parameter that the configuration names", () => {
    const named = Object.values(config.fleet.images).flatMap((image) => (image.kind === "parameter" ? [image.name] : []));
    expect(Object.values(stack.data["aws_ssm_parameter"] ?? {}).map((body) => body["name"])).toEqual(named);
  });

  test("each output is the name of what it says", () => {
    const value = (output: string) => stack.output[output]?.value;
    const queues = ["jobs", "chunks", "results"].flatMap((what) => {
      const place = `Data/${what.charAt(0).toUpperCase()}${what.slice(1)}`;
      return [
        [`${what}_queue_url`, ref("aws_sqs_queue", place, "url")],
        [`${what}_dead_letters_url`, ref("aws_sqs_queue", `${place}/DeadLetters`, "url")],
      ] as const;
    });
    const bucket = (place: string): string => ref("aws_s3_bucket", `Data/${place}`, "bucket");
    const waiting =
      config.fleet.onDemandRescue === undefined
        ? []
        : [["on_demand_chunks_queue_url", ref("aws_sqs_queue", "Data/OnDemandChunks", "url")] as const];
    const expected = Object.fromEntries([
      ...queues,
      ...waiting,
      ["ledger_table", ref("aws_dynamodb_table", "Data/Ledger", "name")],
      ["results_table", ref("aws_dynamodb_table", "Data/ResultTable", "name")],
      ["uploading_bucket", bucket("Uploading")],
      ["processing_bucket", bucket("Processing")],
      ["state_bucket", bucket("State")],
      ["source_buckets", [bucket("Uploading"), ...config.sourceBuckets]],
      ["state_machine_arn", ref("aws_sfn_state_machine", "Workflow/Machine", "arn")],
      ["auto_scaling_group", ref("aws_autoscaling_group", "Fleet/Group", "name")],
      ["worker_role_arn", ref("aws_iam_role", "Fleet/Template/Role", "arn")],
      ["worker_log_group", `/filemill/${config.namePrefix}wordfreq-worker`],
      ["region", config.region],
      ["ingest", config.ingest],
      ["configured", quotaNeeds(config)],
    ]) as Record<string, unknown>;
    expect(Object.fromEntries(Object.keys(stack.output).map((output) => [output, value(output)]))).toEqual(expected);
  });

  test("each group launches the newest version of its own template, with the script that carries the workers' version", () => {
    const waiting =
      config.fleet.onDemandRescue === undefined ? [] : ([["Fleet/OnDemandGroup", "Fleet/Template/Resource-on-demand"]] as const);
    const groups = [["Fleet/Group", "Fleet/Template"] as const, ...waiting];
    expect(Object.keys(stack.resource["aws_autoscaling_group"] ?? {})).toHaveLength(groups.length);
    for (const [group, template] of groups) {
      expect(stack.resource["aws_autoscaling_group"]?.[addressId(ref("aws_autoscaling_group", group, ""))]).toMatchObject({
        mixed_instances_policy: {
          launch_template: {
            launch_template_specification: {
              launch_template_id: ref("aws_launch_template", template, "id"),
              version: ref("aws_launch_template", template, "latest_version"),
            },
          },
        },
      });
    }
    const scripts = Object.values(stack.resource["aws_launch_template"] ?? {}).map(({ user_data: userData }) => userData);
    const versioned = Object.keys(stack.locals).filter((local) => !local.includes("unversioned"));
    expect(scripts.sort()).toEqual(versioned.map((script) => `\${base64encode(local.${script})}`).sort());
  });

  test("the hash of a Lambda's code is that of its zip", () => {
    for (const { body } of allResources(stack).filter(({ type }) => type === "aws_lambda_function"))
      expect(body["source_code_hash"]).toBe(`\${filebase64sha256("${String(body["filename"])}")}`);
  });

  test("what a console lists without a name has one", () => {
    const named = allResources(stack).flatMap((resource) => {
      const tags = resource.body["tags"] as { Name?: string } | undefined;
      return tags?.Name === undefined ? [] : [[`${resource.type} ${constructPathOf(resource)}`, tags.Name]];
    });
    expect(Object.fromEntries(named)).toEqual({
      "aws_vpc Fleet/Network": "filemill",
      "aws_internet_gateway Fleet/Network/InternetGateway": "filemill",
      "aws_route_table Fleet/Network/Routes": "filemill-workers",
      ...Object.fromEntries(
        namedZones(config).map((zone, index) => [`aws_subnet Fleet/Network/Subnet${String(index)}`, `filemill-workers-${zone}`]),
      ),
      "aws_default_security_group Fleet/Network/DefaultGroup": "filemill-default-closed",
      ...(config.networkAcl ? { "aws_network_acl Fleet/Network/WorkerAcl": "filemill-workers" } : {}),
      ...(config.auditLogDays === undefined ? {} : { "aws_flow_log Fleet/Network/FlowLogs": "filemill" }),
      "aws_vpc_endpoint Fleet/GatewayEndpoints/s3": "filemill-s3",
      "aws_vpc_endpoint Fleet/GatewayEndpoints/dynamodb": "filemill-dynamodb",
    });
  });
});

const addressId = (address: string): string => address.split(".")[1] ?? "";
