/** Where new bundles come from: the object store, asked by conditional reads. */

import type { Bundle } from "./bundle.ts";
import { type Fetched, type FetchOptions, fetchWithTags, hasChanged } from "./bundle_files.ts";
import type { ObjectStore } from "./object_store.ts";

export interface BundleSourceOptions extends Pick<FetchOptions, "entry" | "kept"> {
  /** Asked at each fetch, as the highest accepted version and the clock move. */
  readonly trust: () => FetchOptions["trust"];
}

/** The objects behind the last bundle that was dealt with, so that an unchanged store costs little. */
export class BundleSource {
  readonly #store: ObjectStore;
  readonly #options: BundleSourceOptions;
  readonly #fetched = new WeakMap<Bundle, Fetched["tags"]>();
  #settled: Fetched["tags"] | undefined;

  constructor(store: ObjectStore, options: BundleSourceOptions) {
    this.#store = store;
    this.#options = options;
  }

  get place(): string {
    return this.#store.place;
  }

  /**
   * The bundle in force, whole and verified; undefined where nothing changed since the one that was
   * settled. Throws as `fetchWithTags` does.
   */
  async poll(): Promise<Bundle | undefined> {
    if (this.#settled !== undefined && !await hasChanged(this.#store, this.#settled)) {
      return undefined;
    }
    const { bundle, tags } = await fetchWithTags(this.#store, this.#fetchOptions());
    this.#fetched.set(bundle, tags);
    return bundle;
  }

  /** One version by its name, whatever the pointer says. */
  async fetch(version: string): Promise<Bundle> {
    if (!/^[^/\\\p{C}]+$/u.test(version) || version.startsWith(".")) {
      throw new TypeError(`${JSON.stringify(version)} is no version's name`);
    }
    return (await fetchWithTags(this.#store, { ...this.#fetchOptions(), version })).bundle;
  }

  /** The bundle has been put in force or refused: only a change in the store makes it news again. */
  settle(bundle: Bundle): void {
    this.#settled = this.#fetched.get(bundle) ?? this.#settled;
  }

  /** The next poll reads all of it again. */
  forget(): void {
    this.#settled = undefined;
  }

  #fetchOptions(): FetchOptions {
    const { entry, kept, trust } = this.#options;
    const asked = trust();
    return {
      entry,
      ...(kept === undefined ? {} : { kept }),
      ...(asked === undefined ? {} : { trust: asked }),
    };
  }
}
