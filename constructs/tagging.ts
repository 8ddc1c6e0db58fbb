import { TerraformResource, type IAspect } from "cdktf";
import type { IConstruct } from "constructs";

export type Tags = Readonly<Record<string, string>>;

/** A resource that takes `tags`: its generated class has a setter for them. */
interface TaggableResource extends TerraformResource {
  tags: Record<string, string>;
  readonly tagsInput?: Record<string, string>;
}

const isTaggable = (node: IConstruct): node is TaggableResource => node instanceof TerraformResource && "tagsInput" in node;

/**
 * Puts tags on every resource that takes them; a resource's own win. Explicit on each, besides the provider's default tags: those reach
 * neither a group's instances nor what a launch template launches, and nobody sees them in the plan of one resource.
 */
export class TagEverything implements IAspect {
  readonly #tags: Tags;

  public constructor(tags: Tags) {
    this.#tags = tags;
  }

  public visit(node: IConstruct): void {
    if (isTaggable(node)) node.tags = { ...this.#tags, ...node.tagsInput };
  }
}
