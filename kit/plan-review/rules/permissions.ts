import { permissionsIn, type Permissions } from "../iam/policies";
import { deniesPlain, grantText, matchesAll, trustText, widened, type Grant } from "../iam/policy";
import type { Plan } from "../plan";
import type { Finding, Rule } from "../rule";
import { textAt } from "../values";

const FIX = "take out what isn't needed; what is needed, put in an exception with its reason";
const OPEN = "name who may, or add a condition on the source's ARN or account";

/** In a new policy: what nobody should get unread. */
const isSweeping = (grant: Grant, kind: Permissions["kind"]): boolean => {
  const { action, conditions, effect, principal, resource } = grant;
  if (effect === "Deny") return false;
  if (kind !== "identity") return principal === "*" && conditions.length === 0;
  if (action.startsWith("policy ")) return /\/AdministratorAccess$|\/PowerUserAccess$|\/IAMFullAccess$/.test(action);
  return (
    action === "*" ||
    action.startsWith("!") ||
    (action.endsWith(":*") && resource === "*") ||
    (action === "iam:passrole" && resource === "*")
  );
};

/** The policy that says it; of what is denied no more one that changes. */
const place = ({ from, owner, saidBy }: Permissions, grant: Grant): string =>
  saidBy(grant) ?? from.find(({ action }) => action !== "none")?.address ?? owner;

const addressesOf = ({ from }: Permissions): string[] => from.map(({ address }) => address);

const IDENTITY = { who: (owner: string) => `'${owner}' may now also do`, text: grantText };
const TRUST = { who: (owner: string) => `'${owner}' may now also be assumed by`, text: trustText };
const RESOURCE = { who: () => "it now also allows", text: grantText };

/** A boundary bounds whatever policies say, so without it they may be wider than they were. */
function* boundariesLost(plan: Plan): Generator<Finding> {
  for (const { address, after, before } of plan.ofType("aws_iam_role", "aws_iam_user")) {
    const [was, is] = [textAt(before, "permissions_boundary"), textAt(after, "permissions_boundary")];
    if (was !== undefined && after !== null && is !== was)
      yield {
        address,
        problem: is === undefined ? "it has no permissions boundary any more" : `its permissions boundary is '${is}' instead of '${was}'`,
        fix: "keep the boundary",
      };
  }
}

export const widerPermissions: Rule = {
  id: "wider-permissions",
  title: "no identity may do more than before, and nobody else may use what is there",
  severity: "block",
  *check(plan): Generator<Finding> {
    yield* boundariesLost(plan);
    for (const permissions of permissionsIn(plan)) {
      const { after, before, isNew, kind, owner } = permissions;
      if (isNew) continue;
      const { allowed, noLongerDenied } = widened(before, after);
      const { text, who } = { identity: IDENTITY, trust: TRUST, resource: RESOURCE }[kind];
      const about = (grant: Grant): Pick<Finding, "address" | "involves"> => ({
        address: place(permissions, grant),
        involves: addressesOf(permissions),
      });
      for (const grant of allowed) yield { ...about(grant), problem: `${who(owner)} ${text(grant)}`, fix: FIX };
      // a policy that goes with what it was for denies nothing any more
      if (after.length === 0) continue;
      // of plain HTTP another rule speaks
      for (const grant of noLongerDenied.filter((each) => !deniesPlain(each)))
        yield {
          ...about(grant),
          problem: `it no longer denies ${text(grant)}`,
          fix: "keep the denial; what nobody needs to be denied, put in an exception",
        };
    }
  },
};

/** `events.amazonaws.com`; a function's permission names the service itself. */
const serviceOf = ({ principal }: Grant): string | undefined =>
  principal.endsWith(".amazonaws.com") ? principal.replace(/^Service:/, "") : undefined;

/** Narrower is no finding; a service that may not do something at all any more delivers nothing, without an error that anybody sees. */
export const serviceShutOut: Rule = {
  id: "service-shut-out",
  title: "services go on delivering to queues, topics, functions and keys",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const { after, before, from, isNew, kind, unreadable } of permissionsIn(plan)) {
      // what goes with its policy needs none
      if (kind !== "resource" || isNew || unreadable.length > 0) continue;
      const still = after.filter(({ effect }) => effect === "Allow");
      const lost = before.filter(
        (grant) =>
          grant.effect === "Allow" &&
          serviceOf(grant) !== undefined &&
          !still.some((each) => matchesAll(each.principal, grant.principal) && matchesAll(each.action, grant.action)),
      );
      const change = from.find(({ action }) => action !== "none");
      if (lost.length === 0 || change === undefined) continue;
      const said = new Set(lost.map((grant) => `${serviceOf(grant) ?? ""} ${grant.action}`));
      yield {
        address: change.address,
        involves: from.map(({ address }) => address),
        problem: `may be used no more by: ${[...said].sort().join(", ")}; what they delivered or told would be missing in silence`,
        fix: "keep the statement, unless nothing comes from there any more",
      };
    }
  },
};

export const sweepingPermissions: Rule = {
  id: "sweeping-permissions",
  title: "no new policy allows everything to somebody, or something to everybody",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const permissions of permissionsIn(plan)) {
      if (!permissions.isNew) continue;
      for (const grant of permissions.after.filter((each) => isSweeping(each, permissions.kind)))
        yield {
          address: place(permissions, grant),
          involves: addressesOf(permissions),
          problem: `a new policy allows ${grantText(grant)}`,
          fix: permissions.kind === "identity" ? FIX : OPEN,
        };
    }
  },
};

export const unreadablePolicy: Rule = {
  id: "unreadable-policy",
  title: "policies can be read before they are applied",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const { from, unreadable } of permissionsIn(plan)) {
      for (const address of unreadable) {
        const change = from.find((each) => each.address === address);
        if (change === undefined || change.action === "none") continue;
        yield {
          address,
          problem: "its policy is known after apply only",
          // of a new one the parts are new, too
          severity: change.before === null ? "warn" : "block",
          fix: change.before === null ? "read it in the configuration" : "apply what it depends on first, then plan again",
        };
      }
    }
  },
};
