import assert from 'node:assert/strict';
import { noticeStatus } from '../../nodes/chatapp-connection/connection-status';
import { nodeStatus } from '../../nodes/shared/status';
import { ERRORS } from '../../src/errors';
import { SKIP_REASONS } from '../../src/health';
import { METRICS } from '../../src/metrics';
import { NOTICE_KINDS } from '../../src/notice';
import { STATUS_KINDS } from '../../src/status';
import { catalogue } from '../nodes/editor/catalogue';
import { document, inCode, tableRows } from './documents';

const texts = catalogue('chatapp-connection');
const STATUS = 'chatapp-connection.status.';

describe('the table of statuses', () => {
  const rows = (): string[][] =>
    tableRows(document('docs/statuses.md'), 'Status', 'Look', 'Text', 'Meaning', 'What to do');

  it('has one row for each status there is, in the order in which a user meets them', () => {
    assert.deepEqual(
      rows().map(([kind]) => kind),
      STATUS_KINDS.map((kind) => `\`${kind}\``),
    );
  });

  for (const [at, kind] of STATUS_KINDS.entries()) {
    it(`shows ${kind} as the editor does`, () => {
      const { fill, shape } = nodeStatus({ _: (key) => key }, { kind }, 0);
      assert.equal(rows()[at]?.[1], `${fill} ${shape}`);
    });

    it(`has every text that ${kind} may have`, () => {
      const keys = [...texts.keys()].filter((key) => new RegExp(`^${STATUS}${kind}([A-Z]\\w*)?$`).test(key));
      assert.ok(keys.length > 0);
      assert.deepEqual(
        inCode(rows()[at]?.[2]),
        keys.map((key) => texts.get(key)?.replace(/__(\w+)__/g, '{$1}')),
      );
    });
  }

  it('leaves nothing open', () => {
    for (const row of rows()) assert.ok(row.length === 5 && row.every((cell) => cell !== ''), row[0]);
  });
});

describe('the tables of monitoring', () => {
  const page = document('docs/monitoring.md');

  it('have one row for each metric, as it is served', () => {
    assert.deepEqual(
      tableRows(page, 'Metric', 'Type', 'Labels', 'Meaning'),
      METRICS.map(({ name, type, labels, help }) => {
        const names = labels.map((label) => `\`${label}\``).join(', ');
        return [`\`${name}\``, type, names === '' ? '–' : names, help];
      }),
    );
  });

  it('have one row for each status event, with look and text', () => {
    const rows = tableRows(page, 'Event', 'Look', 'Text', 'More in `msg.status`', 'When');
    assert.deepEqual(
      rows.map(([kind]) => kind),
      NOTICE_KINDS.map((kind) => `\`${kind}\``),
    );
    for (const [at, kind] of NOTICE_KINDS.entries()) {
      const { fill, shape, event } = noticeStatus({ _: (key) => key }, { kind });
      assert.deepEqual([rows[at]?.[1], event], [`${fill} ${shape}`, kind]);
      const text = texts.get(`chatapp-connection.notice.${kind}`)?.replace(/__(\w+)__/g, '{$1}');
      assert.equal(rows[at]?.[2], text === undefined ? "Node-RED's own word" : `\`${text}\``);
    }
  });

  it('name each reason why something is skipped', () => {
    assert.deepEqual(
      SKIP_REASONS.filter((reason) => !page.text.includes(`\`${reason}\``)),
      [],
    );
  });
});

describe('the table of errors', () => {
  const rows = (): string[][] =>
    tableRows(document('docs/errors.md'), 'Code', 'Reason', 'Text', 'Cause', 'Cure', 'Reported by');

  it('has one row for each reason of each code there is, in their order, with the text that users see', () => {
    const listed = Object.entries(ERRORS).flatMap(([code, reasons]) =>
      Object.entries(reasons).map(([reason, text]) => [`\`${code}\``, `\`${reason}\``, text]),
    );
    assert.deepEqual(
      rows().map((row) => row.slice(0, 3)),
      listed,
    );
  });

  it('says of each who tells it, and when, and leaves nothing open', () => {
    for (const row of rows()) {
      assert.ok(row.length === 6 && row.every((cell) => cell !== ''), row.join(' '));
      assert.match(row[5] ?? '', /^(connection|listener|each listener|send node|API node), \w/, row.join(' '));
    }
  });

  it('names the same reporter for all reasons of a code, except those that only an API node reports', () => {
    const others = rows().filter(([, , , , , reported = '']) => !reported.startsWith('API node'));
    const reporters = new Map(
      others.map(([code = '', , , , , reported = '']) => [code, reported.replace(/^each |,.*$/g, '')]),
    );
    for (const [code = '', , , , , reported = ''] of others) {
      assert.equal(reported.replace(/^each |,.*$/g, ''), reporters.get(code), code);
    }
  });
});
