import { StatesError } from "../../../../kit/simulator/interpreter";
import { CATCH_ALL, invoke, lambdaBusy, oneState, overItems, StatesWorld } from "../../../systems/batch/simulation/support/states-world";

describe("a distributed Map", () => {
  const itemsOf = (world: StatesWorld, count: number): void => {
    world.objects.set("bucket/items.jsonl", Array.from({ length: count }, (_, n) => `${JSON.stringify({ n })}\n`).join(""));
  };
  const failOdd = { Type: "Choice", Choices: [{ Variable: "$.odd", BooleanEquals: true, Next: "Odd" }], Default: "Even" };
  const failing = (more: object): object =>
    overItems(failOdd, {
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Child",
        States: { Child: failOdd, Odd: { Type: "Fail", Error: "Odd", Cause: "odd" }, Even: { Type: "Succeed" } },
      },
      ...more,
    });

  test("a child per item, selected from item, index and state; results in the order of the items", async () => {
    const world = new StatesWorld(
      oneState(
        overItems(
          { Type: "Pass", End: true },
          {
            ItemSelector: { "value.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "batch.$": "$.batch", fixed: 0 },
            MaxConcurrency: 2,
          },
        ),
      ),
    );
    itemsOf(world, 3);
    expect(await world.run({ batch: "b" })).toMatchObject({
      status: "SUCCEEDED",
      output: [0, 1, 2].map((n) => ({ value: { n }, at: n, batch: "b", fixed: 0 })),
    });
    expect(world.stepFunctions.children("x").map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
  });

  test("MaxConcurrency bounds the children that run; 100 are started in a second", async () => {
    const world = new StatesWorld(oneState(overItems(invoke(), { MaxConcurrency: 7, ResultPath: null })));
    let [running, most] = [0, 0];
    world.lambda = async () => {
      running += 1;
      most = Math.max(most, running);
      await world.time.sleep(200);
      running -= 1;
    };
    itemsOf(world, 300);
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED" });
    expect(most).toBe(7);
    const unbounded = new StatesWorld(oneState(overItems({ Type: "Pass", End: true })));
    itemsOf(unbounded, 300);
    await unbounded.run();
    expect(unbounded.seconds).toBeCloseTo(2.99, 6);
  });

  test("failures over the tolerated percentage fail the run, abort what runs and start no more", async () => {
    const world = new StatesWorld(oneState(overItems(invoke(), { MaxConcurrency: 4, ToleratedFailurePercentage: 20, Catch: CATCH_ALL })));
    world.lambda = async (_, call) => {
      if (call > 0) throw new StatesError("Broken", "no");
      await world.time.sleep(10_000);
    };
    itemsOf(world, 10);
    expect(await world.run({ a: 1 })).toMatchObject({ output: { a: 1, error: { Error: "States.ExceedToleratedFailureThreshold" } } });
    const statuses = world.stepFunctions.children("x").map(({ status }) => status);
    expect(statuses).toEqual(["ABORTED", "FAILED", "FAILED", "FAILED"]);
  });

  test("tolerated failures are told with all there is of them", async () => {
    const world = new StatesWorld(oneState(failing({ ToleratedFailurePercentage: 50, ItemSelector: { "odd.$": "$$.Map.Item.Value" } })));
    world.objects.set("bucket/items.jsonl", "false\ntrue\n");
    expect(await world.run()).toMatchObject({
      status: "SUCCEEDED",
      output: [{ odd: false }, { Status: "FAILED", Error: "Odd", Cause: "odd" }],
    });
  });

  test("ResultWriter: files by outcome, a manifest, and its place instead of the results", async () => {
    const world = new StatesWorld(
      oneState(
        failing({
          ToleratedFailurePercentage: 100,
          ItemSelector: { "odd.$": "$$.Map.Item.Value" },
          ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "out", Prefix: "runs" } },
        }),
      ),
    );
    world.objects.set("bucket/items.jsonl", "false\ntrue\nfalse");
    const { output } = await world.run();
    const details = output as { MapRunArn: string; ResultWriterDetails: { Bucket: string; Key: string } };
    expect(details.ResultWriterDetails).toEqual({ Bucket: "out", Key: expect.stringMatching(/^runs\/[^/]+\/manifest\.json$/) as string });
    const manifest = JSON.parse(world.objects.get(`out/${details.ResultWriterDetails.Key}`) ?? "") as {
      DestinationBucket: string;
      MapRunArn: string;
      ResultFiles: Record<"SUCCEEDED" | "FAILED" | "PENDING", { Key: string; Size: number }[]>;
    };
    expect(manifest).toMatchObject({ DestinationBucket: "out", MapRunArn: details.MapRunArn, ResultFiles: { PENDING: [] } });
    const readResults = (kind: "SUCCEEDED" | "FAILED"): unknown => {
      const [file] = manifest.ResultFiles[kind];
      const text = world.objects.get(`out/${file?.Key ?? ""}`) ?? "";
      expect(file?.Size).toBe(Buffer.byteLength(text));
      return JSON.parse(text) as unknown;
    };
    expect(readResults("SUCCEEDED")).toMatchObject([{ Output: '{"odd":false}', Status: "SUCCEEDED" }, { Output: '{"odd":false}' }]);
    expect(readResults("FAILED")).toMatchObject([{ Error: "Odd", Status: "FAILED", Input: '{"odd":true}' }]);
  });

  test("an object that is missing or no JSON Lines is States.ItemReaderFailed", async () => {
    const states = oneState(overItems({ Type: "Pass", End: true }, { Catch: CATCH_ALL }));
    expect(await new StatesWorld(states).run()).toMatchObject({ output: { error: { Error: "States.ItemReaderFailed" } } });
    const world = new StatesWorld(states);
    world.objects.set("bucket/items.jsonl", "{\n");
    expect(await world.run()).toMatchObject({ output: { error: { Error: "States.ItemReaderFailed" } } });
  });

  test("a retry is a new Map Run with all children", async () => {
    const world = new StatesWorld(
      oneState(overItems(invoke(), { Retry: [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"] }], ResultPath: null })),
    );
    world.lambda = (_, call) => {
      if (call === 0) throw lambdaBusy();
      return null;
    };
    itemsOf(world, 2);
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED" });
    const names = world.stepFunctions.children("x").map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith("x-2-"))).toHaveLength(2);
  });
});
