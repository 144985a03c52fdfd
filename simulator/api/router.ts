import { match } from 'path-to-regexp';
import type { Route } from './answer';

interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a request; undefined where there is none for its path, 'method' where there is one for another method. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | 'method' | undefined {
  let otherMethod: 'method' | undefined;
  for (const route of routes) {
    const params = paramsOf(route.pattern, path);
    if (!params) continue;
    if (route.method === method) return { route, params };
    otherMethod = 'method';
  }
  return otherMethod;
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  try {
    const found = match<Record<string, string>>(pattern, { sensitive: true, trailing: false })(path);
    return found ? found.params : undefined;
  } catch {
    // A malformed escape.
    return undefined;
  }
}
