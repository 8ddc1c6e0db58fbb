import { expect } from "expect";
import { createRequire } from "node:module";
import { z } from "zod";
import { allResources } from "../../../../support/synth";
import { assertions } from "./assertions";

const load: (module: string) => unknown = createRequire(__filename);
const moduleSchema = z.record(z.string(), z.unknown());
const isResourceClass = (value: unknown): value is { readonly tfResourceType: string; readonly prototype: object } =>
  typeof value === "function" && "tfResourceType" in value;

/** Whether the provider's class of a resource type has a `tags` argument. */
function isTaggable(type: string): boolean {
  const folder = type.replace(/^aws_/, "").replaceAll("_", "-");
  const exported = Object.values(moduleSchema.parse(load(`@cdktf/provider-aws/lib/${folder}/index.js`)));
  const found = exported.filter(isResourceClass).find(({ tfResourceType }) => tfResourceType === type);
  if (found === undefined) throw new Error(`the provider has no class for ${type}`);
  return "tagsInput" in found.prototype;
}

export const tagsAssertions = assertions("tags", ({ name, config, stack }, test) => {
  const taggable = allResources(stack).filter(({ type }) => isTaggable(type));

  test("S4.58: every resource that takes tags has them", () => {
    expect(taggable.length).toBeGreaterThan(40);
    for (const { address, body } of taggable) {
      expect({ address, tags: body["tags"] }).toMatchObject({
        address,
        tags: { Project: "filemill", Environment: name, Owner: config.owner, Stack: `batch-${name}` },
      });
    }
  });

  test("the provider adds the same to what is made without a resource", () => {
    expect(stack.provider["aws"]).toMatchObject([
      { default_tags: [{ tags: { Project: "filemill", Environment: name, Owner: config.owner, Stack: `batch-${name}` } }] },
    ]);
  });
});
