import { lifecycleRules } from "../../constructs/storage/lifecycle-rules";

test("every rule has an id of its own and says what it is about: the provider takes no rule without a filter", () => {
  const rules = lifecycleRules({
    noncurrentVersionDays: 7,
    deepArchiveAfterDays: 30,
    expiry: [
      { prefix: "a/", days: 1 },
      { prefix: "b/", days: 2 },
    ],
  });
  expect(new Set(rules.map(({ id }) => id)).size).toBe(5);
  for (const rule of rules) expect(rule).toMatchObject({ status: "Enabled", filter: [{ prefix: expect.any(String) as string }] });
});

test("nothing moves and nothing is deleted by age unless asked for", () => {
  const rules = lifecycleRules({ noncurrentVersionDays: 7 });
  expect(rules.map(({ id }) => id)).toEqual(["abort-incomplete-uploads", "expire-noncurrent-versions"]);
  for (const rule of rules) expect(rule).not.toHaveProperty("transition");
});
