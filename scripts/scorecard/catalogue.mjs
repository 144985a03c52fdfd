/**
 * Loaded ahead of the Flow Library's tool. It answers the one question for the public catalogue of all nodes, which
 * need not be in reach, as if this package were the only one.
 */
import { createRequire } from 'node:module';

const CATALOGUE = 'https://catalogue.nodered.org/catalogue.json';

// The axios of the tool, which is what this process is about to run.
const axios = createRequire(process.argv[1])('axios');
const { get } = axios;
axios.get = (url, ...rest) =>
  url === CATALOGUE ? Promise.resolve({ data: { modules: [] } }) : get.call(axios, url, ...rest);
