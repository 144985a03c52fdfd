import type { NodeAPI } from 'node-red';
import { kindOf } from '../../src/log';
import { refuse, type Answer, type Asked } from './account-http';

type Handler = (request: Asked, response: Answer, next: () => void) => void | Promise<void>;

type Runtime = Pick<NodeAPI, 'httpAdmin' | 'httpNode' | 'auth' | 'log'>;

/** Under which key an Express app holds our handlers. */
const HANDLERS = Symbol.for('@chatapp-community/node-red-chatapp/handlers');

/**
 * Our routes in a Node-RED. They belong to the runtime, not to one load of this package: a package that is removed and
 * installed again without a restart is loaded once more, but Express keeps the routes of the first load, and in front.
 * So Express gets each route once, and the latest load has its handler. Whatever a handler throws is caught here.
 */
export class Routes {
  constructor(private readonly RED: Runtime) {}

  get(path: string, permission: string, handler: Handler): void {
    if (this.#isFirst(this.RED.httpAdmin, `GET ${path}`, handler)) {
      this.RED.httpAdmin.get(patternOf(path), this.RED.auth.needsPermission(permission), (request, response, next) =>
        this.#handle(this.RED.httpAdmin, `GET ${path}`, withParams(request, path), response, next),
      );
    }
  }

  post(path: string, permission: string, handler: Handler): void {
    if (this.#isFirst(this.RED.httpAdmin, `POST ${path}`, handler)) {
      this.RED.httpAdmin.post(patternOf(path), this.RED.auth.needsPermission(permission), (request, response, next) =>
        this.#handle(this.RED.httpAdmin, `POST ${path}`, withParams(request, path), response, next),
      );
    }
  }

  /** Everything below a path of the flows' own HTTP root, open to all. */
  public(path: string, handler: Handler): void {
    if (this.#isFirst(this.RED.httpNode, path, handler)) {
      this.RED.httpNode.use(path, (request, response, next) =>
        this.#handle(this.RED.httpNode, path, request, response, next),
      );
    }
  }

  /** Sets the handler; true if Express does not have the route yet. */
  #isFirst(app: object, route: string, handler: Handler): boolean {
    const handlers = handlersOf(app);
    const isFirst = !handlers.has(route);
    handlers.set(route, handler);
    return isFirst;
  }

  #handle(app: object, route: string, request: Asked, response: Answer, next: () => void): void {
    const handle = async (): Promise<void> => handlersOf(app).get(route)?.(request, response, next);
    handle().catch((error: unknown) => {
      // The message of the error might hold anything.
      this.RED.log.warn(`[chatapp-connection] ${route} failed unexpectedly: ${kindOf(error)}`);
      if (response.headersSent) response.end();
      else refuse(response, 500, 'That should not have happened.');
    });
  }
}

/**
 * A path with places such as `:id`, as a pattern for Express. It has no groups: Express decodes those itself, and answers
 * with a stack if one is not well encoded.
 */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`, 'i');
}

/** The request with what stands in the places of its path. */
function withParams<T extends Asked>(request: T, path: string): T {
  const parts = request.path.split('/');
  const params: Record<string, string> = {};
  for (const [index, place] of path.split('/').entries())
    if (place.startsWith(':')) params[place.slice(1)] = decoded(parts[index] ?? '');
  Reflect.set(request, 'params', params);
  return request;
}

/** What is not well encoded is taken as it is: there is nothing of that name. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function handlersOf(app: object): Map<string, Handler> {
  const known: unknown = Reflect.get(app, HANDLERS);
  if (isHandlers(known)) return known;
  const handlers = new Map<string, Handler>();
  Reflect.set(app, HANDLERS, handlers);
  return handlers;
}

function isHandlers(value: unknown): value is Map<string, Handler> {
  return value instanceof Map;
}
