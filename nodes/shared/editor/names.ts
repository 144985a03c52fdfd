import type { AccountList, AccountLists, LineEntry } from '../account-answers';
import { accounts } from './account';
import type { Names } from './label';
import { isEnvironment } from './validate';

/**
 * What things are called in the account behind a connection, as far as that is known by now. What is looked up and not
 * known yet is asked for in silence; the nodes of this `type` are drawn anew when it is there.
 */
export function namesIn(connection: unknown, type: string): Names {
  drawWithNews(type);
  const list = <List extends AccountList>(name: List, company?: string): AccountLists[List] | undefined => {
    if (typeof connection !== 'string') return undefined;
    return accounts().known({ connection, list: name, ...(company !== undefined && { company }) });
  };
  const line = (id: string): LineEntry | undefined =>
    isEnvironment(id) ? undefined : list('lines')?.find(({ licenseId }) => licenseId === id);
  return {
    line: (id) => line(id)?.name,
    messenger: (id, wanted) => line(id)?.messengers.find((own) => own.type === wanted)?.name,
    company(id) {
      return isEnvironment(id) ? undefined : list('companies')?.find(({ companyId }) => companyId === id)?.name;
    },
    user(id, company) {
      if (isEnvironment(id)) return undefined;
      return list('employees', isEnvironment(company) ? undefined : company)?.find(({ userId }) => userId === id)?.name;
    },
  };
}

const drawn = new Set<string>();

/** Once for each node type. */
function drawWithNews(type: string): void {
  if (drawn.has(type)) return;
  drawn.add(type);
  accounts().watch(() => {
    for (const node of RED.nodes.filterNodes({ type })) node.dirty = true;
    RED.view.redraw();
  });
}
