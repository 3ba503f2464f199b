import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { engine } from './app.svelte';
import { href, place, parse } from './stores/route.svelte';
import { preferences } from './stores/preferences.svelte';
import { remembered } from './stores/remembered.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

remembered.load(storage());
await preferences.load(storage(), navigator.languages);
const follow = () => {
  const route = parse(location.hash);
  if (href(route) !== href(place.current)) place.current = route;
};
addEventListener('hashchange', follow);
follow();
mount(App, { target });
// While somebody still looks for the files; the compiler does not run on the page's own thread.
setTimeout(() => engine.warm(), 200);

/** Some settings forbid even asking for it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
