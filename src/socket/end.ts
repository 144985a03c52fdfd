import { proxyStatus, systemCode } from '../api/api-error';
import { ChatAppError } from '../errors';
import { isRecord } from '../events/json';
import type { GateEnd } from './gate';

/** Why a socket is over. */
export interface SocketEnd {
  /** In a few words that are safe to show, as `close 1006`, `HTTP 502`, `ECONNREFUSED`. */
  readonly detail: string;
  /** Present where the server, or the check of its certificate, said no: someone may have to act. */
  readonly refusal?: ChatAppError;
  /** True where the same request will be refused again: asking often is of no use. */
  readonly final: boolean;
}

export function lost(detail: string): SocketEnd {
  return { detail, final: false };
}

/**
 * What a socket's end means for the user: `CONNECTION_REFUSED` where it is a refusal, else `CONNECTION_LOST`.
 * `since` is when there was no connection any more, in ms since the epoch.
 */
export function errorOf({ detail, refusal }: SocketEnd, host: string, since: number): ChatAppError {
  const params = { host, since: new Date(since).toISOString(), status: detail };
  return refusal ?? ChatAppError.of('CONNECTION_LOST', 'outage', params);
}

/** What the end of a WebSocket means. `host` is named in errors. */
export function endOf({ code, status, error }: GateEnd, host: string): SocketEnd {
  const answer = status ?? proxyStatus(error);
  if (answer !== undefined) return rejected(answer);
  if (error) return failed(systemCode(error), host);
  return code === undefined ? lost('no connection') : closed(code, `close ${code}`);
}

/** What a `pusher:error` means for the whole socket; `undefined` where it concerns a channel only. */
export function endOfError(data: unknown, established: boolean): SocketEnd | undefined {
  const code = codeIn(data);
  if (code === undefined) return established ? undefined : lost('unknown error');
  // Before the handshake nothing else than the socket itself can be meant.
  if (code === SIGNATURE_REFUSED && established) return undefined;
  if (code >= 4000 && code < 4400) return closed(code, `error ${code}`);
  return established ? undefined : lost(`error ${code}`);
}

/** The code of a `pusher:error`; `undefined` if it has none. */
export function codeIn(data: unknown): number | undefined {
  return isRecord(data) && typeof data.code === 'number' ? data.code : undefined;
}

/** Laravel WebSockets answer a bad signature with this code, and name no channel. */
export const SIGNATURE_REFUSED = 4009;

/** Pusher's code ranges: 40xx do not come back unchanged, 41xx back off, 42xx come back, 43xx slow down. */
function closed(code: number, detail: string): SocketEnd {
  if (code < 4000 || code > 4099 || code === SIGNATURE_REFUSED) return lost(detail);
  return { detail, final: true, refusal: ChatAppError.of('CONNECTION_REFUSED', 'appKey', { status: detail }) };
}

/** An HTTP answer in place of the upgrade: a failure of the server (5xx), or no Pusher server at all. */
function rejected(status: number): SocketEnd {
  const detail = `HTTP ${status}`;
  if (status >= 500 || status === 429 || status === 408) return lost(detail);
  return { detail, final: false, refusal: ChatAppError.of('CONNECTION_REFUSED', 'address', { status: detail }) };
}

function failed(code: string, host: string): SocketEnd {
  // `OSSL` stands for a key or certificate of our own that cannot be used.
  if (/CERT|UNABLE_TO_|SELF_SIGNED|OSSL/.test(code)) {
    return {
      detail: code,
      final: false,
      refusal: ChatAppError.of('CONNECTION_REFUSED', 'certificate', { host, status: code }),
    };
  }
  if (/SSL|EPROTO/.test(code)) {
    return { detail: code, final: false, refusal: ChatAppError.of('CONNECTION_REFUSED', 'address', { status: code }) };
  }
  return lost(code);
}
