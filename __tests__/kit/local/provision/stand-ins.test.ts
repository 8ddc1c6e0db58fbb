import { FUNCTIONS } from "../../../../kit/graph/hcl/functions";
import { DATA_SOURCES } from "../../../../kit/local/provision/data-sources";
import { RESOURCE_TYPES } from "../../../../kit/local/provision/resources";
import { STAND_INS } from "../../../../kit/local/provision/stand-ins";
import { HONOURED_FIELDS, usedFields } from "../support/states-language";
import { allResources, configurationOf, everyEnvironment, resourcesOf, synthesize } from "../../../support/synth";

const standInsOf = (kind: (typeof STAND_INS)[number]["kind"]): string[] =>
  STAND_INS.filter((each) => each.kind === kind).map(({ what }) => what);
const isHonoured = (field: string): boolean => {
  const [kind = "", name = ""] = field.split(".");
  return HONOURED_FIELDS[kind]?.includes(name) === true;
};

const environments = everyEnvironment();

describe.each(environments)("what is synthesized for $name is carried out or stood in for (invariant 10)", ({ stack }) => {
  test("every resource type and data source", () => {
    const types = [...new Set(allResources(stack).map(({ type }) => type))];
    expect(types.filter((type) => !RESOURCE_TYPES.has(type) && !standInsOf("resource").includes(type))).toEqual([]);
    const sources = Object.keys(stack.data);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((type) => !DATA_SOURCES.has(type))).toEqual([]);
  });

  test("every field of the state machines", () => {
    for (const { body } of resourcesOf(stack, "aws_sfn_state_machine")) {
      const used = usedFields(JSON.parse(String(body["definition"])));
      expect(used.length).toBeGreaterThan(50);
      expect(used.filter(({ field }) => !isHonoured(field) && !standInsOf("state-field").includes(field))).toEqual([]);
    }
  });
});

/** A region that no configuration names the zones of: there Terraform looks for them. */
const ELSEWHERE = { FILEMILL_REGION: "eu-north-1" };

/** Functions that a part of a stack calls, without those that Terraform evaluates by itself, such as the conditions of a lifecycle. */
function calledIn(part: unknown): string[] {
  const text = JSON.stringify(part, (key, value: unknown) => (key === "lifecycle" ? undefined : value));
  return [...text.matchAll(/(?<!\$)\$\{[^}]*\}/g)].flatMap(([expression]) =>
    [...expression.matchAll(/(\w+)\(/g)].map(([, name = ""]) => name),
  );
}

test("the Terraform functions that are known are those that are synthesized (invariant 10)", () => {
  const stacks = [...environments.map(({ stack }) => stack), synthesize(configurationOf("dev", ELSEWHERE))];
  expect([...new Set(stacks.flatMap(calledIn))].sort()).toEqual([...FUNCTIONS.keys()].sort());
});

describe("the list of stand-ins", () => {
  test("has a reason for each, and nothing twice", () => {
    expect(STAND_INS.length).toBeGreaterThan(0);
    for (const standIn of STAND_INS)
      expect(standIn).toMatchObject({
        instead: expect.stringMatching(/\w+ ?\w+/) as string,
        reason: expect.stringMatching(/\w+ \w+/) as string,
      });
    expect(new Set(STAND_INS.map(({ kind, what }) => `${kind} ${what}`)).size).toBe(STAND_INS.length);
  });

  test("names nothing that no environment has any more", () => {
    const types = new Set(environments.flatMap(({ stack }) => allResources(stack).map(({ type }) => type)));
    // for the egress that no environment has as its own setting, and for people whom none of them knows
    const optional = ["aws_eip", "aws_nat_gateway", "aws_vpc_security_group_ingress_rule", "aws_sns_topic_subscription"];
    expect(standInsOf("resource").filter((type) => !types.has(type) && !optional.includes(type))).toEqual([]);
    const fields = new Set(
      environments.flatMap(({ stack }) =>
        resourcesOf(stack, "aws_sfn_state_machine").flatMap(({ body }) =>
          usedFields(JSON.parse(String(body["definition"]))).map(({ field }) => field),
        ),
      ),
    );
    expect(standInsOf("state-field").filter((field) => !fields.has(field))).toEqual([]);
  });

  test("a field that is neither is found, wherever it stands", () => {
    const definition = {
      StartAt: "M",
      Timeout: 1,
      States: {
        M: {
          Type: "Map",
          ItemBatcher: {},
          ItemReader: { Resource: "r", ReaderConfig: { MaxItems: 1 } },
          ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", HeartbeatSeconds: 9, Retry: [{ Odd: 1 }] } } },
        },
        C: { Type: "Choice", Choices: [{ And: [{ Variable: "$.x", StringMatches: "y" }], Next: "M" }] },
      },
    };
    expect(
      usedFields(definition)
        .map(({ field }) => field)
        .filter((field) => !isHonoured(field)),
    ).toEqual([
      "Machine.Timeout",
      "Map.ItemBatcher",
      "ReaderConfig.MaxItems",
      "Task.HeartbeatSeconds",
      "Retry.Odd",
      "ChoiceRule.StringMatches",
    ]);
  });
});
