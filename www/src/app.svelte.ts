/** The page's one of each. */
import { createEngine, type Tuning } from 'zhijian';

import { Listing } from './stores/listing.svelte';
import { Reading } from './stores/reading.svelte';
import { remembered } from './stores/remembered.svelte';
import { href, place, type Route } from './stores/route.svelte';
import { Work } from './stores/work.svelte';

/** Tests set sizes and faults here, before the page begins. */
export const engine = createEngine(() => (globalThis as { zhijianTuning?: Tuning }).zhijianTuning ?? {});
export const work = new Work(engine);
export const listing = new Listing(work);
export const reading = new Reading(work, remembered);

export function go(route: Route, replace = false): void {
  // At once: the event comes later, and a key that is pressed until then is meant for what was chosen.
  place.current = route;
  if (replace) location.replace(href(route));
  else location.hash = href(route);
}
