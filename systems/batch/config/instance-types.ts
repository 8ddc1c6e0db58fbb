/** Families whose name tells arm64: a Graviton generation letter `g` follows the generation's digit (c7g, m6gd, t4g). */
export const isArmType = (instanceType: string): boolean => /^[a-z]+\d+g[a-z]*\./.test(instanceType);

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
