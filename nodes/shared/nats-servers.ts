/** What may be wrong with the addresses of NATS servers: the keys under which the words for it stand. */
export type ServersProblem = 'natsServers' | 'natsLogin';

/**
 * The servers in a text, separated by commas or blanks, as `nats://nats-1:4222`; one without a protocol gets `nats://`.
 * Or what is wrong with them: `natsLogin` where a user, a password or a token stands in one.
 */
export function readServers(text: string): readonly string[] | ServersProblem {
  const named = text.split(/[\s,]+/).filter((part) => part !== '');
  // A flow is exported with what stands in this field.
  if (named.some((part) => part.includes('@'))) return 'natsLogin';
  const servers = named.map((part) => (part.includes('://') ? part : `nats://${part}`).replace(/\/$/, ''));
  return servers.length > 0 && servers.every(isServer) ? servers : 'natsServers';
}

function isServer(server: string): boolean {
  const host = /^(?:nats|tls):\/\/([^/?#\\]+)$/.exec(server)?.[1];
  if (host === undefined) return false;
  try {
    // Of protocols that they do not know, some browsers take the host for a path.
    return new URL(`http://${host}`).hostname !== '';
  } catch {
    return false;
  }
}
