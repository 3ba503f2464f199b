/** The page's one of each. */
import { createEngine } from 'zhijian';

import { Listing } from './stores/listing.svelte';
import { href, type Route } from './stores/route.svelte';
import { Work } from './stores/work.svelte';

export const engine = createEngine();
export const work = new Work(engine);
export const listing = new Listing(work);

export function go(route: Route, replace = false): void {
  if (replace) location.replace(href(route));
  else location.hash = href(route);
}
