import type { ErrorParams } from './errors';

/**
 * What an error says of its cause inside of its text, by the key of the translation; `{name}` stands for what differs.
 */
export const DETAILS = {
  text: 'a text',
  token: 'Latin letters, digits and signs only, as ChatApp shows it; copy it again',
  variable: 'the environment variable {name} is not set',
  requiredId: 'an id made of digits',
  id: 'an id is made of digits',
  messengerType: 'a messenger type is made of letters and digits, as grWhatsApp',
  url: 'a URL that starts with {one} or {other}',
  flag: 'true or false',
  statuses: 'statuses of HTTP and ranges of them, as 200-299, 304',
  integer: 'a whole number',
  number: 'a number from {least} to {most}',
  choice: 'one of {options}',
  events: 'a list of event names',
  apiPath: 'a path of the API such as /v1/me, without “..” and “?”; login and webhooks are set in the connection',
  rows: 'a list of rows, each with a value and its type',
  connection: 'choose a connection to ChatApp',
  noConnection: 'a connection to ChatApp that exists and is enabled',
  ownApp: 'the connection needs the id of your app to tell its own messages apart',
  email: 'the e-mail address to log in with',
  password: 'the password to log in with',
  appId: 'the id of your app in ChatApp, as app_4711_1',
  accessToken: 'an access token of your ChatApp account',
  retype: 'type it again: the stored one is for another API URL or TLS configuration',
  tls: 'deploy that TLS configuration first',
  line: 'line {line}',
  anyLine: 'the choice',
  webhookUrl: 'the public address of this Node-RED, where ChatApp can reach it',
  plainUrl: 'an address without ? and #, user and password',
  noHttpNode: 'Node-RED serves no HTTP addresses of flows (httpNodeRoot is false), so no webhook can come in',
  needsSocket: 'only messenger channels have webhooks, the others need the socket',
  natsServers: 'addresses of NATS servers, as nats://nats-1:4222 or tls://nats-1:4222, with commas between them',
  natsLogin: 'addresses without user, password and token: those have fields of their own, which exports do not contain',
  clusterUser: 'the user to log in to NATS with',
  clusterPassword: 'the password to log in to NATS with',
  clusterToken: 'the token to log in to NATS with',
  clusterCreds: 'the path of a creds file, to log in to NATS with',
  clusterSocket: 'several Node-REDs get their events by the socket; choose that, or remove the NATS servers',
  retypeCluster: 'type it again: the stored one is for other NATS servers or another TLS configuration',
  deployFirst: 'deploy first: variables and files are used only as they are deployed',
  storeTaken: 'another Node-RED uses the same user directory',
  noEvent: 'its meta names no event',
  // Why an event could not be read.
  otherVersion: 'it was not written by this version',
  notJson: 'the data is not JSON',
  wrapped: 'the data is wrapped too often',
  noEnvelopes: 'the list of envelopes is empty',
  envelope: 'an envelope is not an object',
  noData: 'it holds no "data"',
  data: '"data" is neither an object nor a list',
  meta: '"meta" is not an object',
  item: 'an item is not an object',
  tooDeep: 'it is nested too deeply',
} as const satisfies Record<string, string>;

export type DetailKey = keyof typeof DETAILS;

/** The params of an error whose text has a detail at the place `name`: its words, its key, and what differs. */
export function detail(name: 'wanted' | 'problem', key: DetailKey, values: ErrorParams = {}): ErrorParams {
  const words = DETAILS[key].replace(/\{(\w+)\}/g, (place, value: string) => String(values[value] ?? place));
  return { ...values, [name]: words, [`${name}Key`]: key };
}
