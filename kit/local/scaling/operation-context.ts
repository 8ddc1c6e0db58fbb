import type { LocalScaling } from "./local-scaling";

/** What operations work with. */
export interface OperationContext {
  readonly scaling: LocalScaling;
  readonly accountId: string;
  /** `region:account`, as ARNs have it. */
  readonly place: string;
  /** In the order of the ids. @throws ServiceError for one that is not there */
  readonly zonesOfSubnets: (subnetIds: readonly string[]) => Promise<readonly string[]>;
}
