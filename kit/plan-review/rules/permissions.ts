import { permissionsIn, type Permissions } from "../iam/policies";
import { grantText, trustText, widened, type Grant } from "../iam/policy";
import type { Finding, Rule } from "../rule";

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

const place = ({ from, owner }: Permissions): string => from.find(({ action }) => action !== "none")?.address ?? owner;

const addressesOf = ({ from }: Permissions): string[] => from.map(({ address }) => address);

const IDENTITY = { who: (owner: string) => `'${owner}' may now also do`, text: grantText };
const TRUST = { who: (owner: string) => `'${owner}' may now also be assumed by`, text: trustText };
const RESOURCE = { who: () => "it now also allows", text: grantText };

export const widerPermissions: Rule = {
  id: "wider-permissions",
  title: "no identity may do more than before, and nobody else may use what is there",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const permissions of permissionsIn(plan)) {
      const { after, before, isNew, kind, owner } = permissions;
      if (isNew) continue;
      const { allowed, noLongerDenied } = widened(before, after);
      const { text, who } = { identity: IDENTITY, trust: TRUST, resource: RESOURCE }[kind];
      const about = { address: place(permissions), involves: addressesOf(permissions) };
      for (const grant of allowed) yield { ...about, problem: `${who(owner)} ${text(grant)}`, fix: FIX };
      // a policy that goes with what it was for denies nothing any more
      if (after.length === 0) continue;
      for (const grant of noLongerDenied)
        yield {
          ...about,
          problem: `it no longer denies ${text(grant)}`,
          fix: "keep the denial; what nobody needs to be denied, put in an exception",
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
          address: place(permissions),
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
