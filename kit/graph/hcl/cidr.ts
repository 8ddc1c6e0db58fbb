const IPV4_BITS = 32;

/**
 * Terraform's `cidrsubnet`, for IPv4.
 *
 * @see https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
 */
export function cidrSubnet(prefix: string, newBits: number, number: number): string {
  const { network, bits } = parseCidr(prefix);
  const length = bits + newBits;
  if (length > IPV4_BITS) throw new Error(`${prefix} has no room for ${newBits} more bits`);
  if (number < 0 || number >= 2 ** newBits) throw new Error(`subnet ${number} does not fit into ${newBits} bits`);
  return `${dotted(network + number * 2 ** (IPV4_BITS - length))}/${length}`;
}

function parseCidr(prefix: string): { network: number; bits: number } {
  const [, address = "", length = ""] = /^([\d.]+)\/(\d+)$/.exec(prefix) ?? [];
  const octets = address.split(".").map(Number);
  const bits = Number(length);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || length === "" || bits > IPV4_BITS) {
    throw new Error(`${prefix} is no IPv4 range such as 10.0.0.0/16`);
  }
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { network: number - (number % 2 ** (IPV4_BITS - bits)), bits };
}

const dotted = (number: number): string => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
