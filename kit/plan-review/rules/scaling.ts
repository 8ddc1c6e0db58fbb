import type { Finding, Rule } from "../rule";
import { blocksAt, numberAt, textAt, UNKNOWN, valueAt, type Value } from "../values";

const namesAt = (value: Value, name: string): string[] =>
  blocksAt(value, [name]).filter((each): each is string => typeof each === "string");

export const scaleInHazard: Rule = {
  id: "scale-in-hazard",
  title: "no instance is taken away while it works",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const { action, address, after, before } of plan.ofType("aws_autoscaling_group")) {
      if (before === null) continue;
      if (action === "destroy" || action === "replace") {
        yield {
          address,
          problem: `the group is ${action === "destroy" ? "destroyed" : "replaced"}: its instances end, whatever they do`,
          fix: "let them finish first: no new work, capacity 0, then the change",
        };
        continue;
      }
      for (const name of ["max_size", "desired_capacity"]) {
        const [was, is] = [numberAt(before, name), numberAt(after, name)];
        if (was !== undefined && is !== undefined && is < was)
          yield {
            address,
            problem: `${name} goes from ${was} to ${is}: Auto Scaling may end instances that work`,
            fix: "lower it while the group is idle, or let instances end themselves",
          };
      }
      if (valueAt(before, ["protect_from_scale_in"]) === true && valueAt(after, ["protect_from_scale_in"]) !== true)
        yield { address, problem: "new instances are no longer protected from scale-in", fix: "keep protect_from_scale_in" };
      if (valueAt(after, ["suspended_processes"]) !== UNKNOWN) {
        const resumed = namesAt(before, "suspended_processes").filter((name) => !namesAt(after, "suspended_processes").includes(name));
        if (resumed.length > 0)
          yield {
            address,
            problem: `processes that were suspended run again: ${resumed.join(", ")}`,
            fix: "keep them suspended, or say in an exception why they may run",
          };
      }
    }
    for (const { action, address, before } of plan.ofType("aws_autoscaling_lifecycle_hook")) {
      if (
        (action === "destroy" || action === "forget") &&
        textAt(before, "lifecycle_transition") === "autoscaling:EC2_INSTANCE_TERMINATING"
      )
        yield { address, problem: "instances are ended with no time to finish", fix: "keep the termination hook" };
    }
    for (const { address, after, before } of plan.ofType("aws_autoscaling_policy")) {
      const shrinks = (value: Value): boolean =>
        (numberAt(value, "scaling_adjustment") ?? 0) < 0 ||
        blocksAt(value, ["step_adjustment"]).some((step) => (numberAt(step, "scaling_adjustment") ?? 0) < 0) ||
        blocksAt(value, ["target_tracking_configuration"]).some((target) => valueAt(target, ["disable_scale_in"]) !== true);
      if (after !== null && shrinks(after) && !(before !== null && shrinks(before)))
        yield {
          address,
          problem: "a policy would take instances away by a metric, whether they work or not",
          fix: "set disable_scale_in, or protect instances that work",
        };
    }
  },
};
