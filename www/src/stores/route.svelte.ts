/** Where in the page one is. The address's hash says it, so that back and forward work. */

export type Route =
  | { view: 'start' }
  | { view: 'agents' }
  | { view: 'conversations' }
  | { view: 'conversation'; index: number; finding?: number }
  | { view: 'files' };

export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [view, rest] = path.split('/');
  switch (view) {
    case 'agents':
    case 'conversations':
    case 'files':
      return { view };
    case 'conversation': {
      const index = whole(rest);
      if (index === undefined) return { view: 'conversations' };
      const finding = whole(new URLSearchParams(query).get('finding') ?? undefined);
      return finding === undefined ? { view, index } : { view, index, finding };
    }
    default:
      return { view: 'start' };
  }
}

export function href(route: Route): string {
  switch (route.view) {
    case 'start':
      return '#/';
    case 'conversation':
      return `#/conversation/${route.index}${route.finding === undefined ? '' : `?finding=${route.finding}`}`;
    default:
      return `#/${route.view}`;
  }
}

class Place {
  current = $state.raw<Route>({ view: 'start' });
}

export const place = new Place();

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
