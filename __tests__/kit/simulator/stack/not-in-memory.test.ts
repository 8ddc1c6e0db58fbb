import { MEMORY_TYPES } from "../../../../kit/simulator/stack/types";
import { NOT_IN_MEMORY } from "../../../../kit/simulator/stack/not-in-memory";
import { allResources, everyEnvironment } from "../../../support/synth";

const synthesized = everyEnvironment().flatMap(({ stack }) => allResources(stack));
const types = [...new Set(synthesized.map(({ type }) => type))];

describe("what is synthesized is in the simulator's memory or listed with its reason (invariant 10)", () => {
  test("every resource type, and none is both", () => {
    expect(types.filter((type) => !MEMORY_TYPES.has(type) && !NOT_IN_MEMORY.has(type))).toEqual([]);
    expect(types.filter((type) => MEMORY_TYPES.has(type)).length).toBeGreaterThan(5);
    expect([...MEMORY_TYPES.keys()].filter((type) => NOT_IN_MEMORY.has(type))).toEqual([]);
  });

  test("every argument of a type in memory", () => {
    // Terraform's own; and tags, by which nothing is billed in a world
    const others = ["//", "depends_on", "lifecycle", "provider", "tags"];
    const unread = synthesized.flatMap(({ body, type }) => {
      const memoryType = MEMORY_TYPES.get(type);
      if (memoryType === undefined) return [];
      return Object.keys(body)
        .filter((name) => ![...others, ...memoryType.reads, ...Object.keys(memoryType.ignores)].includes(name))
        .map((name) => `${type}.${name}`);
    });
    expect([...new Set(unread)]).toEqual([]);
  });

  test("the lists name nothing that no environment has any more, and have a reason for each", () => {
    // for the egress that no environment has as its own setting, and for people whom none of them knows
    const optional = ["aws_eip", "aws_nat_gateway", "aws_vpc_security_group_ingress_rule", "aws_sns_topic_subscription"];
    expect([...NOT_IN_MEMORY.keys()].filter((type) => !types.includes(type) && !optional.includes(type))).toEqual([]);
    for (const [type, { ignores }] of MEMORY_TYPES) {
      const used = new Set(synthesized.filter((each) => each.type === type).flatMap(({ body }) => Object.keys(body)));
      expect(Object.keys(ignores).filter((argument) => !used.has(argument))).toEqual([]);
    }
    const reasons = [...NOT_IN_MEMORY.values(), ...[...MEMORY_TYPES.values()].flatMap(({ ignores }) => Object.values(ignores))];
    for (const reason of reasons) expect(reason).toMatch(/\w+ \w+/);
  });
});
