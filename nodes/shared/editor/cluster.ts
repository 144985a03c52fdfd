import { withoutInvisible } from '../../../src/pasted-text';
import { CLUSTER_LOGIN, isClustered, isPartOf } from './cluster-login';
import { cleanOnChange, element, showRow, valueOf } from './fields';
import { text } from './text';
import { natsServers, partitions } from './validate';

/** What the dialog has to know of several Node-REDs. Hand-made and older flows may hold anything in these. */
export interface ClusterSettings {
  readonly cluster: unknown;
  readonly clusterAuth: unknown;
  readonly replicas: unknown;
  readonly partitions: unknown;
}

/** Makes the dialog follow the NATS servers: without them there is nothing else to fill in. */
export function prepareCluster(node: ClusterSettings): void {
  cleanOnChange(['clusterToken', 'partitions'].map(fieldOf));
  cleanOnChange(['cluster', 'clusterUser', 'clusterCreds'].map(fieldOf), withoutInvisible);
  for (const event of ['change', 'input']) element(fieldOf('cluster')).addEventListener(event, showFields);
  element(fieldOf('clusterAuth')).addEventListener('change', showFields);
  showFields();
  const isOdd = natsServers(node.cluster) !== undefined || partitions(node.partitions) !== undefined;
  element('chatapp-cluster').toggleAttribute('open', isOdd || isClustered(node.cluster));
}

function showFields(): void {
  const isShown = isClustered(valueOf(fieldOf('cluster')));
  const auth = valueOf(fieldOf('clusterAuth'));
  for (const name of ['clusterAuth', 'clusterTls', 'replicas', 'partitions']) showRow(fieldOf(name), isShown);
  const appTip = isShown ? 'chatapp-connection.tip.clusterAppId' : 'chatapp-connection.tip.appId';
  element('chatapp-app-tip').textContent = text(appTip);
  for (const part of CLUSTER_LOGIN) showRow(fieldOf(part), isShown && isPartOf(auth, part));
}

function fieldOf(name: string): string {
  return `node-config-input-${name}`;
}
