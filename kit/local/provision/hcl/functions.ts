import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { cidrHost, cidrSubnet } from "./cidr";
import type { ObjectValue, Value } from "./expression";
import { schemaProblem } from "../../../lib/schema-problem";

/** A Terraform function. `directory` is the stack's folder, where relative paths begin. Throws with what is wrong. */
export type TerraformFunction = (parameters: readonly Value[], directory: string) => Value;

const value: z.ZodType<Value> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)]),
);
const text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const number = z.union([z.number(), z.string().min(1).transform(Number).pipe(z.number())], "expected a number");
const list = z.array(value);
const texts = z.array(text);
const object = z.record(z.string(), value);

/** Checks the parameters as Terraform would convert them, then computes. */
function define<S extends z.ZodType>(parameters: S, compute: (values: z.output<S>, directory: string) => Value): TerraformFunction {
  return (given, directory) => {
    const parsed = parameters.safeParse(given);
    if (!parsed.success) throw new Error(schemaProblem(parsed.error));
    return compute(parsed.data, directory);
  };
}

const one = <S extends z.ZodType>(schema: S, compute: (parameter: z.output<S>, directory: string) => Value): TerraformFunction =>
  define(z.tuple([schema]), ([parameter], directory) => compute(parameter as z.output<S>, directory));

const digest = (algorithm: string, data: string | Buffer, encoding: "hex" | "base64"): string =>
  createHash(algorithm).update(data).digest(encoding);
const read = (file: string, directory: string): Buffer => readFileSync(path.resolve(directory, file));
const ofFile = (compute: (content: Buffer) => string): TerraformFunction => one(text, (file, directory) => compute(read(file, directory)));

/** Terraform sorts the keys and escapes what HTML would read. https://developer.hashicorp.com/terraform/language/functions/jsonencode */
export function jsonEncode(data: Value): string {
  return JSON.stringify(sorted(data)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
function sorted(data: Value): Value {
  if (Array.isArray(data)) return data.map(sorted);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data as ObjectValue)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

const distinct = (items: readonly Value[]): Value[] => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
const flatten = (items: readonly Value[]): Value[] => items.flatMap((item) => (Array.isArray(item) ? flatten(item) : [item]));
const sortedKeys = (map: ObjectValue): string[] => Object.keys(map).sort();

function element(items: readonly Value[], index: number): Value {
  // past the end it begins again; https://developer.hashicorp.com/terraform/language/functions/element
  const found = items[((index % items.length) + items.length) % items.length];
  if (found === undefined) throw new Error("the list is empty");
  return found;
}

/** Terraform takes a pattern between slashes as a regular expression. */
function replaceAll(subject: string, search: string, replacement: string): string {
  const pattern = /^\/(.+)\/$/s.exec(search)?.[1];
  return pattern === undefined ? subject.split(search).join(replacement) : subject.replace(new RegExp(pattern, "g"), replacement);
}

function format(pattern: string, parameters: readonly Value[]): string {
  let next = 0;
  return pattern.replace(/%(?:%|(0?)(\d*)([a-z]))/g, (verb, zero: string, width: string, kind: string | undefined) => {
    if (kind === undefined) return "%";
    const parameter = parameters[next];
    next += 1;
    if (parameter === undefined) throw new Error(`nothing was given for ${verb}`);
    return formatOne(verb, kind, parameter).padStart(Number(width), zero === "0" ? "0" : " ");
  });
}
const textOf = (data: Value): string => (typeof data === "object" ? jsonEncode(data) : String(data));
function formatOne(verb: string, kind: string, parameter: Value): string {
  if (kind === "s" || kind === "v") return textOf(parameter);
  if (kind === "d") return String(Math.trunc(Number(parameter)));
  if (kind === "q") return JSON.stringify(textOf(parameter));
  throw new Error(`the verb ${verb} is not known`);
}

function substring([subject, offset, length]: readonly [string, number, number]): string {
  const characters = Array.from(subject);
  const start = offset < 0 ? characters.length + offset : offset;
  return characters.slice(start, length < 0 ? undefined : start + length).join("");
}

function firstUsable(parameters: readonly Value[]): Value {
  const usable = parameters.find((parameter) => parameter !== null && parameter !== "");
  if (usable === undefined) throw new Error("every parameter is null or empty");
  return usable;
}

/** The functions that the local run knows. https://developer.hashicorp.com/terraform/language/functions */
export const FUNCTIONS: ReadonlyMap<string, TerraformFunction> = new Map<string, TerraformFunction>([
  ["base64decode", one(text, (data) => Buffer.from(data, "base64").toString("utf8"))],
  ["base64encode", one(text, (data) => Buffer.from(data).toString("base64"))],
  ["base64sha256", one(text, (data) => digest("sha256", data, "base64"))],
  ["ceil", one(number, Math.ceil)],
  ["cidrhost", define(z.tuple([text, number]), ([prefix, host]) => cidrHost(prefix, host))],
  ["cidrsubnet", define(z.tuple([text, number, number]), ([prefix, bits, index]) => cidrSubnet(prefix, bits, index))],
  ["coalesce", define(list, firstUsable)],
  ["compact", one(list, (items) => items.filter((item) => item !== null && item !== ""))],
  ["concat", define(z.array(list), (lists) => lists.flat())],
  ["contains", define(z.tuple([list, value]), ([items, item]) => items.some((each) => jsonEncode(each) === jsonEncode(item)))],
  ["distinct", one(list, distinct)],
  ["element", define(z.tuple([list, number]), ([items, index]) => element(items, index))],
  ["file", ofFile((content) => content.toString("utf8"))],
  ["filebase64", ofFile((content) => content.toString("base64"))],
  ["filebase64sha256", ofFile((content) => digest("sha256", content, "base64"))],
  ["filemd5", ofFile((content) => digest("md5", content, "hex"))],
  ["filesha256", ofFile((content) => digest("sha256", content, "hex"))],
  ["flatten", one(list, flatten)],
  ["floor", one(number, Math.floor)],
  ["format", define(z.tuple([text], value), ([pattern, ...parameters]) => format(pattern, parameters))],
  ["join", define(z.tuple([text, texts]), ([separator, items]) => items.join(separator))],
  ["jsondecode", one(text, (data) => value.parse(JSON.parse(data)))],
  ["jsonencode", one(value, jsonEncode)],
  ["keys", one(object, sortedKeys)],
  ["length", one(z.union([z.string(), list, object]), (of) => (typeof of === "string" ? Array.from(of) : Object.keys(of)).length)],
  ["lookup", define(z.tuple([object, text, value]), ([map, key, otherwise]) => map[key] ?? otherwise)],
  ["lower", one(text, (data) => data.toLowerCase())],
  ["max", define(z.array(number).min(1), (numbers) => Math.max(...numbers))],
  ["md5", one(text, (data) => digest("md5", data, "hex"))],
  ["merge", define(z.array(object), (maps) => Object.assign({}, ...maps) as ObjectValue)],
  ["min", define(z.array(number).min(1), (numbers) => Math.min(...numbers))],
  ["replace", define(z.tuple([text, text, text]), ([subject, search, replacement]) => replaceAll(subject, search, replacement))],
  ["sha256", one(text, (data) => digest("sha256", data, "hex"))],
  ["sort", one(texts, (items) => items.toSorted())],
  ["split", define(z.tuple([text, text]), ([separator, data]) => (data === "" ? [] : data.split(separator)))],
  ["substr", define(z.tuple([text, number, number]), substring)],
  ["tolist", one(list, (items) => items)],
  ["tonumber", one(number, (data) => data)],
  ["toset", one(list, distinct)],
  ["tostring", one(text, (data) => data)],
  ["trimprefix", define(z.tuple([text, text]), ([data, prefix]) => (data.startsWith(prefix) ? data.slice(prefix.length) : data))],
  ["trimspace", one(text, (data) => data.trim())],
  [
    "trimsuffix",
    define(z.tuple([text, text]), ([data, suffix]) => (data.endsWith(suffix) ? data.slice(0, data.length - suffix.length) : data)),
  ],
  ["upper", one(text, (data) => data.toUpperCase())],
  ["urlencode", one(text, (data) => encodeURIComponent(data).replaceAll("%20", "+"))],
  ["values", one(object, (map) => sortedKeys(map).map((key) => map[key] ?? null))],
]);
