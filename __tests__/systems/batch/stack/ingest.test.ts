import { costAtRest } from "../../../../kit/synth/cost-at-rest";
import { ALARM_METRIC_MONTH } from "../../../../kit/lib/prices";
import { configurationOf, resourceAt, synthesize } from "../../../support/synth";

const name = "dev";
const config = configurationOf(name, { FILEMILL_INGEST: "lambda" });
const stack = synthesize(config);

describe("uploads by a function (S0.28, S1.116)", () => {
  test("a change of the mode is one of the bucket's list in place: its address stays", () => {
    const queued = synthesize(configurationOf(name));
    const [before, after] = [queued, stack].map((each) => resourceAt(each, "aws_s3_bucket_notification", "Data/Notification").address);
    expect(after).toBe(before);
  });

  test("S1.118: at rest it costs nothing: no poller, no concurrency that is held ready, no instance that has to run", () => {
    const kept = ["aws_lambda_event_source_mapping", "aws_lambda_provisioned_concurrency_config"].filter((type) => type in stack.resource);
    expect(kept).toEqual([]);
    expect(resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body).toMatchObject({ min_size: 0 });
    const dollars = (variables: Readonly<Record<string, string>>): number =>
      costAtRest(synthesize(configurationOf(name, variables)).resource).dollars;
    const lean = { FILEMILL_OBSERVABILITY: "lean" };
    expect(dollars({ ...lean, FILEMILL_INGEST: "lambda" })).toBe(dollars(lean));
    // where alarms look at functions, they look at its errors and throttles
    expect(dollars({ FILEMILL_INGEST: "lambda" })).toBeCloseTo(dollars({}) + 2 * ALARM_METRIC_MONTH, 10);
  });
});
