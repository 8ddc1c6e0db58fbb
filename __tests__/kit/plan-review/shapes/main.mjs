/**
 * `npm run plans:shapes`: plans changes of configurations in the shapes that public projects have (a folder each: `common.tf`, `before.tf`,
 * `after.tf`), by the real Terraform and its AWS provider, for shapes.test.ts.
 *
 * Most of their resources are known to no emulator, so nothing is applied. What exists is what the provider itself plans for `before.tf` in
 * an empty account, with made-up values where it leaves something to AWS (ids, ARNs); planned anew until nothing in it would change. The
 * change to `after.tf` is planned over that, without a refresh.
 *
 * Exit codes: 0 made, 1 Terraform refused something, 3 Terraform or its provider is not at hand.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { withTemporaryFolder } from "../../../../scripts/build/folders.mjs";
import { loadTypeScript } from "../../../../scripts/build/load-typescript.mjs";
import { zip } from "../../../../scripts/build/zip.mjs";
import { findTerraform } from "../../../../scripts/terraform/providers.mjs";
import { CheckFailedError, Terraform } from "../../../../scripts/terraform/stage.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const here = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(here, "../../../..");
const EXIT_REFUSED = 1;
const EXIT_NOT_AT_HAND = 3;
/** References that each need those before them: a policy of a role of a function of a rule. */
const MAXIMUM_ROUNDS = 8;
const ACCOUNT = "123456789012";
const REGION = "eu-west-1";

const say = (line) => process.stdout.write(`${line}\n`);

/** Nothing is asked of AWS; the emulator says whether definitions of state machines are valid. */
const provider = (endpoint) => `
provider "aws" {
  region                      = "${REGION}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    sfn = "${endpoint}"
  }
}
`;

/** Ids whose form the provider looks at. */
const EC2_IDS = { aws_instance: "i", aws_launch_template: "lt", aws_security_group: "sg", aws_subnet: "subnet", aws_vpc: "vpc" };

const sample = (of) => {
  if (Array.isArray(of)) return of[0] === "object" ? Object.fromEntries(Object.keys(of[1]).map((name) => [name, null])) : [];
  return { string: "made-up", number: 1, bool: false }[of] ?? null;
};

/** A value of the schema's type for what only AWS knows; nothing for what may be left out. */
function madeUp(attribute, name, { type, address }) {
  const { computed, optional, type: of } = attribute ?? {};
  const own = address.replaceAll(/[^a-z0-9]+/gi, "-").replace(/-$/, "");
  if (name === "id" && EC2_IDS[type] !== undefined)
    return `${EC2_IDS[type]}-0${createHash("sha256").update(address).digest("hex").slice(0, 16)}`;
  if (name === "arn") return `arn:aws:${type.split("_")[1]}:${REGION}:${ACCOUNT}:${own}`;
  if (of === "string" && (name === "id" || (computed && !optional))) return `${own}-${name}`;
  if (of === "string" && ["name", "key_arn", "url", "zone_id"].includes(name)) return `${own}-${name}`;
  if (of === "number" && computed && !optional) return 1;
  if (of === "bool" && computed && !optional) return false;
  // an empty list that AWS is to fill would be planned to be filled
  if (computed && Array.isArray(of)) return of[0] === "map" ? {} : [sample(of[1])];
  return undefined;
}

const isBranch = (value) => typeof value === "object" && value !== null;

/** Puts what is known of a planned value over what is known already, and makes the rest up. */
function settled(block, after, unknown, known, resource) {
  return Object.fromEntries(
    Object.entries(block.attributes ?? {})
      .map(([name, attribute]) => {
        if (unknown?.[name] === true) return [name, known?.[name] ?? madeUp(attribute, name, resource) ?? null];
        // of a list or map with unknown parts: only what is known
        const value = after?.[name] ?? null;
        return [name, isBranch(unknown?.[name]) && isBranch(value) ? withoutUnknown(value, unknown[name], known?.[name]) : value];
      })
      .concat(
        Object.entries(block.block_types ?? {}).map(([name, { block: inner, nesting_mode: nesting }]) => {
          if (unknown?.[name] === true) return [name, known?.[name] ?? (nesting === "single" ? null : [])];
          const value = after?.[name];
          if (Array.isArray(value))
            return [name, value.map((each, index) => settled(inner, each, unknown?.[name]?.[index], known?.[name]?.[index], resource))];
          return [name, value == null ? null : settled(inner, value, unknown?.[name], known?.[name], resource)];
        }),
      ),
  );
}

const withoutUnknown = (value, unknown, known) =>
  Array.isArray(value)
    ? value.map((each, index) => (unknown[index] === true ? (known?.[index] ?? "made-up") : each))
    : {
        ...value,
        ...Object.fromEntries(Object.keys(unknown).flatMap((name) => (unknown[name] === true ? [[name, known?.[name] ?? "made-up"]] : []))),
      };

/** All shapes in one configuration, a module each: Terraform and the provider start once for all of them. */
class Shapes {
  #attributes = new Map();

  constructor(terraform, folder, names, schemas) {
    this.terraform = terraform;
    this.folder = folder;
    this.names = names;
    this.schemas = schemas;
  }

  async plan(which) {
    await rm(path.join(this.folder, "shapes"), { recursive: true, force: true });
    for (const name of this.names) {
      const [source, target] = [path.join(here, name), path.join(this.folder, "shapes", name)];
      await cp(source, target, {
        recursive: true,
        filter: (file) => path.dirname(file) !== source || !/^(before|after)\.tf$/.test(path.basename(file)),
      });
      await cp(path.join(source, `${which}.tf`), path.join(target, `${which}.tf`));
    }
    await this.terraform.run(this.folder, "get");
    await this.terraform.run(this.folder, "plan", "-input=false", "-no-color", "-lock=false", "-refresh=false", "-out=plan.tfplan");
    return JSON.parse(await this.terraform.run(this.folder, "show", "-json", "plan.tfplan"));
  }

  /** Makes a state of what is planned. @returns addresses of what was not there already */
  async settle({ resource_changes: changes }) {
    const managed = changes.filter(({ mode }) => mode === "managed");
    for (const { address, change, type } of managed) {
      if (change.actions.join() === "no-op" && this.#attributes.has(address)) continue;
      const { block } = this.schemas[type];
      this.#attributes.set(address, settled(block, change.after, change.after_unknown, this.#attributes.get(address), { type, address }));
    }
    const resources = managed.map(({ address, index, module_address: module, name, provider_name: provider, type }) => ({
      module,
      mode: "managed",
      type,
      name,
      provider: `${OWN_PROVIDER.includes(shapeOf(module)) ? `module.${shapeOf(module)}.` : ""}provider["${provider}"]`,
      instances: [
        {
          ...(index === undefined ? {} : { index_key: index }),
          schema_version: this.schemas[type].version,
          attributes: this.#attributes.get(address),
        },
      ],
    }));
    const state = { version: 4, terraform_version: "1.11.4", serial: 1, lineage: "shapes", outputs: {}, resources: joined(resources) };
    await writeFile(path.join(this.folder, "terraform.tfstate"), JSON.stringify(state));
    return managed.filter(({ change }) => change.actions.join() !== "no-op" && !isUnseen(change));
  }
}

/** A shape's provider has settings of its own. */
const OWN_PROVIDER = ["default-tags"];
const shapeOf = (module) => module.split(".")[1].replace(/\[.*$/, "");

/** An update of nothing that a plan shows: a null beside an empty text. */
const isUnseen = ({ actions, after, after_unknown: unknown, before }) =>
  actions.join() === "update" && isDeepStrictEqual(before, after) && !JSON.stringify(unknown).includes("true");

/** A state has each resource once, with all of its instances. */
function joined(resources) {
  const byName = new Map();
  for (const resource of resources) {
    const key = [resource.module, resource.type, resource.name].join();
    const known = byName.get(key);
    if (known === undefined) byName.set(key, resource);
    else known.instances.push(...resource.instances);
  }
  return [...byName.values()];
}

/** What a plan says of one shape, as if it were alone. */
function planOf(name, whole) {
  const prefix = `module.${name}.`;
  const own = (text) => (text?.startsWith(prefix) ? text.slice(prefix.length) : undefined);
  const changes = (whole.resource_changes ?? []).flatMap(({ address, module_address: module, previous_address: previous, ...rest }) =>
    own(address) === undefined
      ? []
      : [
          {
            address: own(address),
            ...(own(module) === undefined ? {} : { module_address: own(module) }),
            ...(previous === undefined ? {} : { previous_address: own(previous) }),
            ...rest,
          },
        ],
  );
  const { format_version, terraform_version } = whole;
  const configuration = { root_module: whole.configuration.root_module.module_calls[name].module };
  return { format_version, terraform_version, resource_changes: changes, configuration };
}

async function make({ mirror, version }) {
  const names = (await readdir(here, { withFileTypes: true }))
    .filter((each) => each.isDirectory() && each.name !== "made")
    .map(({ name }) => name);
  await mkdir(path.join(here, "made"), { recursive: true });
  const { withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  const withFolder = (use) =>
    withTemporaryFolder(tmpdir(), "filemill-shapes-", (temporary) =>
      withEmulator(project, process.env, (account) => use(temporary, account)),
    );
  await withFolder(async (temporary, account) => {
    const terraform = (await Terraform.using(mirror, path.join(temporary, "home"))).as(account);
    const folder = path.join(temporary, "stack");
    await mkdir(folder);
    const required = { terraform: { required_providers: { aws: { source: "hashicorp/aws", version } } } };
    await writeFile(path.join(folder, "versions.tf.json"), JSON.stringify(required));
    await writeFile(
      path.join(folder, "main.tf"),
      provider(account.endpoint) + names.map((name) => `module "${name}" {\n  source = "./shapes/${name}"\n}\n`).join("\n"),
    );
    await writeFile(path.join(folder, "code.zip"), zip({ "index.js": Buffer.from("exports.handler = async () => 1;") }));
    for (const name of names)
      await cp(path.join(here, name), path.join(folder, "shapes", name), {
        recursive: true,
        filter: (file) => path.basename(file) !== "after.tf",
      });
    await terraform.run(folder, "init", "-input=false", "-no-color");
    const { provider_schemas: schemas } = JSON.parse(await terraform.run(folder, "providers", "schema", "-json"));
    const [{ resource_schemas: ofResources }] = Object.values(schemas);
    const shapes = new Shapes(terraform, folder, names, ofResources);
    for (let round = 1; ; round += 1) {
      const left = await shapes.settle(await shapes.plan("before"));
      say(`round ${round}: ${left.length} resources were not there yet`);
      if (left.length === 0) break;
      if (round === MAXIMUM_ROUNDS)
        throw new CheckFailedError(
          "what exists",
          left
            .map(({ address, change }) => `${address} ${change.actions.join()} ${process.env.DEBUG ? JSON.stringify(change) : ""}`)
            .join("\n"),
        );
    }
    const whole = await shapes.plan("after");
    for (const name of names)
      await writeFile(path.join(here, "made", `${name}.json.gz`), gzipSync(`${JSON.stringify(planOf(name, whole))}\n`, { level: 9 }));
    say(`${names.length} plans made`);
  });
}

const found = await findTerraform(process.env);
if ("missing" in found) {
  say(`plans were not made: ${found.missing}`);
  process.exitCode = EXIT_NOT_AT_HAND;
} else {
  try {
    await make(found);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_REFUSED;
  }
}
