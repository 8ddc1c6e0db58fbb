import { compareVersions } from "./providers.mjs";

/**
 * What older AWS providers write otherwise: below `before`, `pattern` in the text of cdk.tf.json becomes `replacement`.
 *
 * @type {readonly { before: string, what: string, pattern: RegExp, replacement: string }[]}
 */
export const DIFFERENCES = [
  {
    before: "6.19.0",
    // https://github.com/hashicorp/terraform-provider-aws/pull/45024
    what: "Lambda runtime nodejs24.x is not known; nodejs22.x is",
    pattern: /"runtime": ?"nodejs24\.x"/g,
    replacement: '"runtime":"nodejs22.x"',
  },
  {
    before: "6.8.0",
    // https://github.com/hashicorp/terraform-provider-aws/pull/43710
    what: "a queue takes messages of at most 256 KiB, not of 1 MiB",
    pattern: /"max_message_size": ?1048576\b/g,
    replacement: '"max_message_size":262144',
  },
  {
    before: "6.0.0",
    // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
    what: "data.aws_region has its name as `name`, not as `region`",
    pattern: /(\$\{[^}]*\bdata\.aws_region\.[\w-]+)\.region\b/g,
    replacement: "$1.name",
  },
];

/**
 * Writes a synthesized file for an older provider.
 *
 * @param {string} text cdk.tf.json
 * @param {string} version of the provider at hand
 * @returns {{ text: string, changes: string[] }} what was changed, for people; nothing for the version that the file asks for
 */
export function lower(text, version) {
  const asked = JSON.parse(text).terraform.required_providers.aws.version;
  const changes = [];
  let lowered = text;
  for (const { before, what, pattern, replacement } of DIFFERENCES) {
    if (compareVersions(version, before) >= 0) continue;
    const count = [...lowered.matchAll(pattern)].length;
    if (count === 0) continue;
    lowered = lowered.replace(pattern, replacement);
    changes.push(`${what} (${count} ${count === 1 ? "place" : "places"})`);
  }
  if (asked === version) return { text: lowered, changes };
  const stack = JSON.parse(lowered);
  stack.terraform.required_providers.aws.version = version;
  return { text: JSON.stringify(stack, null, 2), changes: [`provider ${asked} is asked for, ${version} is used`, ...changes] };
}
