import type { GroupDefinition } from "../../../kit/scaling/definition";
import { ScalingGroup } from "../../../kit/scaling/scaling-group";

export const MINUTE = 60_000;
export const SECOND = 1_000;

/** A plain group of three zones, with whatever a test wants otherwise. */
export const groupDefinition = (changes: Partial<GroupDefinition> = {}): GroupDefinition => ({
  name: "workers",
  minimum: 0,
  maximum: 10,
  desired: 0,
  zones: ["a", "b", "c"],
  mix: { instanceTypes: ["large", "medium"], onDemandBase: 0, onDemandPercentage: 100 },
  launchTemplateVersion: "1",
  protectsNewInstances: false,
  terminationPolicies: ["Default"],
  capacityRebalance: false,
  suspended: ["AZRebalance"],
  defaultCooldownSeconds: 300,
  hooks: [],
  ...changes,
});

/** A group whose instances run a while after their launch, and end at once. */
export class DrivenGroup {
  public readonly group: ScalingGroup;
  public now = 0;
  /** Pools without capacity, `zone type market`. */
  public readonly withoutCapacity = new Set<string>();
  public readonly held: string[] = [];
  private readonly booting: { readonly id: string; readonly at: number }[] = [];

  public constructor(
    changes: Partial<GroupDefinition> = {},
    private readonly bootSeconds = 25,
  ) {
    let launched = 0;
    this.group = new ScalingGroup(groupDefinition(changes), () => `i-${++launched}`);
    this.settle();
  }

  /** Carries out what is asked for, until nothing is. */
  public settle(): void {
    for (let commands = this.group.advance(this.now); commands.length > 0; commands = this.group.advance(this.now)) {
      for (const command of commands) {
        if (command.kind === "held") this.held.push(`${command.instanceId} ${command.hook.name}`);
        else if (command.kind === "terminate") this.group.ended(command.instanceId, this.now);
        else {
          const { id, instanceType, market, zone } = command.instance;
          if (this.withoutCapacity.has(`${zone} ${instanceType} ${market}`)) this.group.refused(id, this.now, "no capacity");
          else this.booting.push({ id, at: this.now + this.bootSeconds * SECOND });
        }
      }
    }
  }

  /** Lets time pass, second by second where anything may come. */
  public until(at: number): void {
    this.settle();
    while (this.now < at) {
      const next = Math.min(at, ...this.booting.map((each) => each.at), this.group.nextDue() ?? at);
      this.now = Math.max(next, this.now);
      for (const boot of this.booting.filter((each) => each.at <= this.now)) {
        this.booting.splice(this.booting.indexOf(boot), 1);
        this.group.running(boot.id, this.now);
      }
      this.settle();
      if (next === at) return;
    }
  }

  public get inService(): string[] {
    return this.group.instances.filter(({ state }) => state === "InService").map(({ id }) => id);
  }
}
