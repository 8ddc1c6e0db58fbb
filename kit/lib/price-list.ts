import { z } from "zod";
import builtIn from "./price-list.json";

/** What a number is of, when it was true and where it was read. */
const noted = {
  /** A day, or the month of it. */
  date: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/),
  source: z.url(),
  note: z.string().optional(),
};
const priceSchema = z.strictObject({ usd: z.number().min(0).max(1_000_000), unit: z.string().min(1), ...noted });
const instanceSchema = z.strictObject({
  vcpus: z.int().min(1),
  /** US dollars an hour. */
  onDemandUsd: z.number().min(0),
  /** Also by the hour, to plan with. @default what is on demand less `spotSaving` */
  spotUsd: z.number().min(0).optional(),
  ...noted,
});

const PRICE_NAMES = Object.keys(builtIn.prices) as (keyof typeof builtIn.prices)[];
export type PriceName = (typeof PRICE_NAMES)[number];

/** List prices of one region in US dollars, on Linux, each with its date and where it was read: estimates only, no invoice. */
export const priceListSchema = z.strictObject({
  region: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** When the list was held against its sources as a whole. */
  checked: z.iso.date(),
  prices: z.strictObject(Object.fromEntries(PRICE_NAMES.map((name) => [name, priceSchema])) as Record<PriceName, typeof priceSchema>),
  /** What spot saves of the price on demand, from 0 to 1, where an instance type has no spot price of its own. */
  spotSaving: z.strictObject({ share: z.number().min(0).max(1), ...noted }),
  /** By instance type. */
  instances: z.record(z.string().regex(/^[a-z0-9.-]{1,40}$/), instanceSchema),
});

/** Prices as code uses them, in US dollars. */
export interface PriceList {
  readonly region: string;
  readonly checked: string;
  readonly usd: Readonly<Record<PriceName, number>>;
  readonly instances: Readonly<Record<string, { readonly vcpus: number; readonly onDemandHour: number; readonly spotHour: number }>>;
}

/** @throws ZodError for what is no price list */
export function parsePriceList(document: unknown): PriceList {
  const { checked, instances, prices, region, spotSaving } = priceListSchema.parse(document);
  return {
    region,
    checked,
    usd: Object.fromEntries(PRICE_NAMES.map((name) => [name, prices[name].usd])) as Record<PriceName, number>,
    instances: Object.fromEntries(
      Object.entries(instances).map(([type, { onDemandUsd, spotUsd, vcpus }]) => [
        type,
        { vcpus, onDemandHour: onDemandUsd, spotHour: spotUsd ?? onDemandUsd * (1 - spotSaving.share) },
      ]),
    ),
  };
}

/** `price-list.json`: us-east-1. */
export const PRICE_LIST = parsePriceList(builtIn);
