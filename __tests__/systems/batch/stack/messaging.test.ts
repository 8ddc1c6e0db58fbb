import { configurationOf, resourcesOf, synthesize } from "../../../support/synth";

test("an alarm on the oldest message is on queues that are read: on results only where something reads them", () => {
  const watched = (variables: Readonly<Record<string, string>>): unknown[] =>
    resourcesOf(synthesize(configurationOf("dev", variables)), "aws_cloudwatch_metric_alarm")
      .filter(({ body }) => body["metric_name"] === "ApproximateAgeOfOldestMessage")
      .map(({ body }) => body["alarm_name"]);
  const always = ["wordfreq-chunks-oldest", "wordfreq-jobs-oldest"];
  expect(watched({}).sort()).toEqual(always);
  expect(watched({ FILEMILL_RESULTS_ARE_READ: "yes" }).sort()).toEqual([...always, "wordfreq-results-oldest"]);
});
