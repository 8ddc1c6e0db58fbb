import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AutoScalingClient, DescribeAutoScalingInstancesCommand, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { connect } from "../../systems/batch/cli/connect";
import type { ChunkRow } from "../../systems/batch/contracts/ledger-rows";
import { eventually } from "../kit/local/support/local-home";
import { printedError, runCommand, testHome } from "../support/command";
import { UpStack } from "../support/up-stack";

const HOME = testHome("on-demand");
const LOSSES = [1, 2, 3];
/** An orchestrator that looks each minute looks each six seconds. */
const TIME_FACTOR = "10";

describe("ADR 39, on a local stack", () => {
  let folder: string;
  let stack: UpStack;
  let autoScaling: AutoScalingClient;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-on-demand-"));
    stack = await UpStack.start(HOME, "--time-factor", TIME_FACTOR);
    autoScaling = new AutoScalingClient(stack.clientSettings);
  });
  afterAll(async () => {
    autoScaling.destroy();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const sizeOf = async (name: string) => {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    return AutoScalingGroups[0]?.DesiredCapacity;
  };

  test("a chunk that was lost to spot capacity three times is finished by an instance of the on-demand group, which is at zero before and after", async () => {
    const broken = path.join(folder, "broken.gz");
    await writeFile(broken, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));
    const options = ["--via", "batch", "--route", "fleet"];
    const first = await runCommand(HOME, ["submit", broken, ...options, "--watch", "--json", "--out", folder]);
    expect(printedError(first) ? first.stderr : "").toBe("");
    const { batchId } = JSON.parse(first.stdout) as { readonly batchId: string };
    expect(await sizeOf("wordfreq-ASG-on-demand")).toBe(0);

    // the next generation's one chunk, lost before it is planned: nobody else can be at it meanwhile
    const { credentials, endpoint, region } = stack.clientSettings;
    const { ledger } = connect({
      description: "the stack of this test",
      outputs: stack.outputs,
      environment: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    });
    const ref = { batchId, generation: 2 };
    for (const claim of LOSSES) {
      await ledger.claimChunk(ref, 0, { worker: `i-taken-${claim}`, leaseUntil: 0 });
      await ledger.releaseClaim(ref, 0, claim, "spot");
    }
    const replay = await runCommand(HOME, ["quarantine", "replay", batchId, "--json"]);
    expect(printedError(replay) ? replay.stderr : "").toBe("");
    const holder: { row?: ChunkRow | undefined; group?: string | undefined } = {};
    await eventually(async () => {
      holder.row = await ledger.getChunk(ref, 0);
      const { holder: held } = holder.row ?? {};
      if (held !== undefined && !held.worker.startsWith("i-taken")) {
        const ids = { InstanceIds: [held.worker] };
        const { AutoScalingInstances = [] } = await autoScaling.send(new DescribeAutoScalingInstancesCommand(ids));
        holder.group ??= AutoScalingInstances[0]?.AutoScalingGroupName;
      }
      return holder.row?.state === "finished";
    });
    expect(holder).toMatchObject({
      row: { claim: 4, spotLosses: 3, deaths: 0, strikes: 0, outcomes: "g" },
      group: "wordfreq-ASG-on-demand",
    });
    await eventually(async () => (await sizeOf("wordfreq-ASG-on-demand")) === 0);
  });
});
