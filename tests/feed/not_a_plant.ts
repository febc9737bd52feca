/** A module that gives something other than a plant. */

export function createPlant(): { readonly tags: string } {
  return { tags: "valve" };
}
