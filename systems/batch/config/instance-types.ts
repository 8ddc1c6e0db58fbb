export const ARCHITECTURES = ["arm64", "x86_64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** By the family's name: a Graviton's has the letter `g` after the generation's digit (c7g, m6gd, t4g). */
export const architectureOf = (instanceType: string): Architecture => (/^[a-z]+\d+g[a-z]*\./.test(instanceType) ? "arm64" : "x86_64");

/** Those that the types have, in the order of their first types. */
export const architecturesOf = (instanceTypes: readonly string[]): Architecture[] => [...new Set(instanceTypes.map(architectureOf))];

/**
 * Families that count against the quotas of the "Standard" instances, by their first letters. Accelerators, Macs and the largest memory
 * have quotas of their own, and a worker that counts words uses none of them.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
const STANDARD_FAMILY = /^(c|d|i|im|is|m|r|t|z)\d[a-z0-9-]*\.[a-z0-9]+$/;

/** Whether the type's vCPUs count against the quotas that `filemill doctor` asks for. */
export const isStandardType = (instanceType: string): boolean => STANDARD_FAMILY.test(instanceType) && vcpusOf(instanceType) !== undefined;

/** Sizes of burstable types that have less or more than their size says elsewhere. */
const T2_ONE_VCPU = ["nano", "micro", "small"];
const T_TWO_VCPUS = ["nano", "micro", "small", "medium", "large"];

/**
 * vCPUs of an instance type, by its size: a medium has 1, a large 2, an xlarge 4, an Nxlarge 4 N.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 *
 * @returns undefined where the size doesn't tell (`metal`)
 */
export function vcpusOf(instanceType: string): number | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  if (family === "t2" && T2_ONE_VCPU.includes(size)) return 1;
  if (/^t\d/.test(family) && T_TWO_VCPUS.includes(size)) return 2;
  if (size === "medium") return 1;
  if (size === "large") return 2;
  const factor = /^(\d*)xlarge$/.exec(size)?.[1];
  return factor === undefined ? undefined : 4 * (factor === "" ? 1 : Number(factor));
}
