import { stackFileSchema } from "../../../../kit/graph/stack-file";
import { evaluateInMemory } from "../../../../kit/simulator/stack/evaluate-stack";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import { everyStack } from "../../../support/every-stack";

test("each environment's groups come whole to the policy engine, and each of their policies has an alarm that asks for it", async () => {
  const stacks = (await everyStack()).filter(({ system }) => system === "batch");
  for (const { environment, stack } of stacks) {
    const model = new StackModel(evaluateInMemory(stackFileSchema.parse(stack), "/nowhere"));
    const groups = model.scaledGroups;
    // the second is for chunks that spot capacity lost
    expect(groups).toHaveLength(environment === "coursework" ? 1 : 2);
    for (const { definition } of groups) {
      expect(definition).toMatchObject({
        zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
        suspended: ["AZRebalance"],
        capacityRebalance: false,
        protectsNewInstances: environment !== "coursework",
      });
    }
    const asked = model.alarms.flatMap(({ actions }) => actions.ALARM.filter((arn) => arn.includes("scalingPolicy")));
    expect([...new Set(asked)].sort()).toEqual(groups.flatMap(({ policies }) => [...policies.keys()]).sort());
    expect(asked).toHaveLength(environment === "coursework" ? 3 : 0);
  }
  expect(stacks.length).toBeGreaterThan(2);
});
