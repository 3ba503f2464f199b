import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { place, parse } from './stores/route.svelte';
import { preferences } from './stores/preferences.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

preferences.load(storage(), navigator.languages);
const follow = () => {
  place.current = parse(location.hash);
};
addEventListener('hashchange', follow);
follow();
mount(App, { target });

/** Some settings forbid even asking for it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
