import type { Finding, Rule } from "../rule";
import { UNKNOWN, valueAt, type Value } from "../values";

/** Names of the tags that a resource has, those of the provider's included; undefined where it can have none, or they are known later. */
function tagsOf(value: Value): ReadonlySet<string> | undefined {
  if (typeof value !== "object" || value === null || !("tags_all" in value || "tags" in value)) return undefined;
  const [all, own] = [valueAt(value, ["tags_all"]), valueAt(value, ["tags"])];
  const tags = all === UNKNOWN || all === null ? own : all;
  if (tags === UNKNOWN) return undefined;
  return new Set(typeof tags === "object" && tags !== null ? Object.keys(tags) : []);
}

export const missingTags: Rule = {
  id: "missing-tags",
  title: "resources carry the tags that costs and owners are found by",
  severity: "block",
  *check(plan, { requiredTags }): Generator<Finding> {
    for (const { action, address, after, before } of plan.changes) {
      if (action === "none" || action === "forget" || after === null) continue;
      const tags = tagsOf(after);
      if (tags === undefined) continue;
      const lost = [...(tagsOf(before) ?? [])].filter((name) => !tags.has(name));
      const missing = requiredTags.filter((name) => !tags.has(name) && !lost.includes(name));
      if (missing.length > 0)
        yield { address, problem: `it has no tag ${missing.join(", ")}`, fix: "add it, best as the provider's default_tags" };
      if (lost.length > 0) yield { address, problem: `it loses the tag ${lost.join(", ")}`, fix: "keep it" };
    }
  },
};
