import type { Hosts } from "../../../../kit/ports/capacity";

/** The instances of two groups as one fleet: they run one program, and an instance's id says which group it is of. */
export const hostsOfBoth = (one: Hosts, other: Hosts): Hosts => ({
  inService: async () => (await Promise.all([one.inService(), other.inService()])).flat(),
  replace: (instanceId) => one.replace(instanceId),
  end: (instanceId) => one.end(instanceId),
});
