import { hostsOfBoth } from "../../../../../systems/batch/core/capacity/hosts-of-both";
import { FakeHosts } from "../../../../support/fakes/capacity";

test("the hosts of both groups are one fleet's, and each is ended by its id", async () => {
  const [one, other] = [new FakeHosts(["i-1"]), new FakeHosts(["i-2", "i-3"])];
  const both = hostsOfBoth(one, other);
  expect(await both.inService()).toEqual(["i-1", "i-2", "i-3"]);
  await both.replace("i-2");
  await both.end("i-1");
  // Auto Scaling finds an instance by its id, whichever group it is of
  expect([one.replaced, one.ended]).toEqual([["i-2"], ["i-1"]]);
});
