import type { ListedObject, ListPageOptions, ObjectStore } from "../../ports/object-store";

/**
 * What `ObjectStore.list` gives, a page at a time, one request after the other.
 *
 * @throws as `ObjectStore.list`
 */
export async function* listPages(
  store: Pick<ObjectStore, "listPage">,
  bucket: string,
  prefix: string,
  after?: string,
): AsyncGenerator<readonly ListedObject[]> {
  let from: ListPageOptions | undefined = after === undefined ? {} : { after };
  while (from !== undefined) {
    const { continuation, objects } = await store.listPage(bucket, prefix, from);
    yield objects;
    from = continuation === undefined ? undefined : { continuation };
  }
}
