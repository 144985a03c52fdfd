import { parseArgs } from 'node:util';
import { type Simulator, startSimulator } from '.';

const DEFAULT_PORT = 9601;
/** In ms. Slow enough to see on the page what becomes of an answer. */
const STATUS_DELAY = 700;

void main();

/** Starts the simulator and keeps it until Ctrl-C. */
async function main(): Promise<void> {
  const port = readPort();
  if (port === undefined) {
    console.error('Usage: npm run simulator -- --port 9601');
    process.exitCode = 2;
    return;
  }
  const simulator = await startAt(port);
  console.log(introduction(simulator));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(simulator));
}

/** Undefined where the arguments make no sense. */
function readPort(): number | undefined {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: String(DEFAULT_PORT) } } });
    const port = Number(values.port);
    return /^\d+$/.test(values.port) && port <= 65535 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** On the port, or on any free one where that is taken. */
async function startAt(port: number): Promise<Simulator> {
  try {
    return await startSimulator({ port, statusDelay: STATUS_DELAY });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    console.log(`Port ${port} is taken, so another one is used.`);
    return startSimulator({ statusDelay: STATUS_DELAY });
  }
}

function introduction({ url, socketUrl, account }: Simulator): string {
  const lines = account.licenses.map(
    ({ licenseId, messenger }) => `  line          ${licenseId}: ${messenger.map(({ type }) => type).join(', ')}`,
  );
  const companies = account.companies.map(({ companyId }) => `  company       ${companyId}`);
  return [
    '',
    'This is a SIMULATOR for ChatApp. Nothing leaves this machine.',
    '',
    `  page          ${url}/`,
    `  API URL       ${url}`,
    `  socket URL    ${socketUrl}`,
    '',
    `  email         ${account.email}`,
    `  password      ${account.password}`,
    `  app id        ${account.appId}`,
    `  access token  ${account.accessToken}`,
    `  refresh token ${account.refreshToken}`,
    '',
    ...lines,
    ...companies,
    `  user          ${account.cabinetUserId}`,
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

async function stop(simulator: Simulator): Promise<void> {
  await simulator.close();
  console.log('The simulator has stopped.');
}
