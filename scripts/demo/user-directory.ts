import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../../simulator';
import { linkModules } from '../example-flows';
import { demoFlow, type DemoFlow } from './flow';
import { linkPackage } from './node-red';

/**
 * Makes a user directory of the demo ready: the working tree and what the flow needs is installed in it, and its
 * connections log in to the account. Where someone has changed and deployed the flow, it stays as it is; then the result
 * is true.
 */
export async function prepareUserDirectory(
  folder: string,
  account: Account,
  { nodes, modules }: DemoFlow = demoFlow(),
): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  await linkPackage(folder);
  await linkModules(folder, modules);
  const flow = JSON.stringify(nodes, undefined, 2);
  const original = join(folder, 'flows-as-delivered.json');
  const present = await textOf(join(folder, 'flows.json'));
  if (present !== undefined && present !== (await textOf(original))) return true;
  const { email, password, appId } = account;
  const connections = nodes.filter(({ type }) => type === 'chatapp-connection');
  const secrets = Object.fromEntries(connections.map(({ id }) => [id, { email, password, appId }]));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify(secrets));
  await writeFile(join(folder, 'flows.json'), flow);
  await writeFile(original, flow);
  return false;
}

/** Undefined where there is no such file. */
async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
