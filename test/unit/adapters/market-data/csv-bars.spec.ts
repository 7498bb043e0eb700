// Every way a file of bars can be written, and every way it can be wrong.
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatError } from '../../../../adapters/src/errors.js';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { aCsv, aFile, fault, faultOfBar, HEADER, someRows } from './a-file.js';

const NEW_YEAR = Date.UTC(2025, 0, 1);

describe('a good file', () => {
  test('becomes columns with timeframe, decimals and no gaps', () => {
    const path = aCsv([
      '2025-01-01T00:00:00Z,100,101.5,99.25,100.5,7',
      '2025-01-01T00:05:00Z,100.50,102,100,101,0',
    ]);
    const file = loadBarsCsv(path);
    expect(file).toMatchObject({
      path,
      timeframe: '5m',
      timeframeMs: 300_000,
      priceDecimals: 2,
      gaps: { count: 0, missingBars: 0, largestMs: 0 },
      rows: 2,
      hasVolume: true,
      synthetic: false,
      filters: {},
    });
    expect(file.symbol).toBeUndefined();
    expect(file.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(file.columns).toEqual({
      length: 2,
      openMs: Float64Array.of(NEW_YEAR, NEW_YEAR + 300_000),
      open: Float64Array.of(100, 100.5),
      high: Float64Array.of(101.5, 102),
      low: Float64Array.of(99.25, 100),
      close: Float64Array.of(100.5, 101),
      volume: Float64Array.of(7, 0),
    });
  });

  const plain = loadBarsCsv(aCsv(someRows(3)));

  test.each([
    ['CRLF line ends', `${[HEADER, ...someRows(3)].join('\r\n')}\r\n`],
    ['a byte order mark', `\ufeff${[HEADER, ...someRows(3)].join('\n')}\n`],
    ['no newline at its end', [HEADER, ...someRows(3)].join('\n')],
    ['blank lines', `${HEADER}\n\n${someRows(3).join('\n\n')}\n\r\n \n`],
    ['a header in capitals', `${[HEADER.toUpperCase(), ...someRows(3)].join('\n')}\n`],
    [
      'quotes around every cell',
      [HEADER, ...someRows(3)].map((row) => `"${row.replaceAll(',', '","')}"\n`).join(''),
    ],
    [
      'blanks around cells',
      [HEADER, ...someRows(3)].map((row) => ` ${row.replaceAll(',', ' , ')}\n`).join(''),
    ],
    ['exponents', `${[HEADER, ...someRows(3)].join('\n')}\n`.replaceAll('101.5', '1.015E2')],
    ['trailing zeros', `${[HEADER, ...someRows(3)].join('\n')}\n`.replaceAll('101.5', '101.5000')],
    [
      'further columns, in another order',
      `close,note,open,high,low,volume,TIME\n${someRows(3)
        .map((row) => row.split(','))
        .map(([t, o, h, l, c, v]) => `${c},"a, ""b""",${o},${h},${l},${v},${t}\n`)
        .join('')}`,
    ],
    [
      'epoch seconds under a header without a name',
      `,open,high,low,close,volume\n${someRows(3)
        .map((row, index) => `${NEW_YEAR / 1000 + index * 60}${row.slice(row.indexOf(','))}\n`)
        .join('')}`,
    ],
    [
      'a row number without a name beside a date',
      `,date,open,high,low,close,volume\n${someRows(3)
        .map((row, index) => `${index},${row}\n`)
        .join('')}`,
    ],
  ])('loads the same with %s', (_name, content) => {
    const file = loadBarsCsv(aFile(content));
    expect(file.columns).toEqual(plain.columns);
    expect(file.hash).toBe(plain.hash);
  });

  test.each(['time', 'Timestamp', 'date', 'datetime', 'open_time'])(
    'may call its time %s',
    (name) => {
      const file = loadBarsCsv(aCsv(someRows(2), HEADER.replace('timestamp', name)));
      expect(file.columns.openMs[1]).toBe(NEW_YEAR + 60_000);
    },
  );

  test('may lack volume, which is then zero and said to be absent', () => {
    const file = loadBarsCsv(
      aCsv(['2025-01-01,1,2,1,2', '2025-01-02,2,2,1,1'], 'date,open,high,low,close'),
    );
    expect(file.hasVolume).toBe(false);
    expect(file.columns.volume).toEqual(Float64Array.of(0, 0));
  });

  test('has another hash when one volume, or the timeframe, is another', () => {
    const rows = someRows(3);
    const changed = loadBarsCsv(aCsv([...rows.slice(0, 2), (rows[2] ?? '').replace(/7$/, '8')]));
    expect(changed.hash).not.toBe(plain.hash);
    const hourly = loadBarsCsv(aCsv(['2025-01-01,1,2,1,2,3']), { timeframe: '1h' });
    const daily = loadBarsCsv(aCsv(['2025-01-01,1,2,1,2,3']), { timeframe: '1d' });
    expect(hourly.hash).not.toBe(daily.hash);
  });

  test('takes time as the close of the bar where the user says so', () => {
    const file = loadBarsCsv(aCsv(someRows(3)), { timeIs: 'close' });
    expect(file.columns.openMs[0]).toBe(NEW_YEAR - 60_000);
  });

  test('is cut to the range, start included, end excluded', () => {
    const path = aCsv(someRows(10));
    const file = loadBarsCsv(path, { fromMs: NEW_YEAR + 120_000, toMs: NEW_YEAR + 300_000 });
    expect([...file.columns.openMs].map((time) => (time - NEW_YEAR) / 60_000)).toEqual([2, 3, 4]);
    expect(file.rows).toBe(10);
    expect(file.hash).not.toBe(loadBarsCsv(path).hash);
  });

  test('of random decimals loads every cell as Number() reads it', () => {
    const price = fc
      .integer({ min: 1, max: 10 ** 9 })
      .chain((mantissa) =>
        fc.nat(6).map((decimals) => (mantissa / 10 ** decimals).toFixed(decimals)),
      );
    const volume = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(price, volume), { minLength: 2, maxLength: 30 }), (cells) => {
        const rows = cells.map(([p, v], index) => {
          return `${NEW_YEAR + index * 60_000},${p},${p},${p},${p},${v}\n`;
        });
        const path = aFile(`${HEADER}\n${rows.join('')}`, 'random.csv');
        const { columns } = loadBarsCsv(path);
        expect([...columns.close]).toEqual(cells.map(([p]) => Number(p)));
        expect([...columns.volume]).toEqual(cells.map(([, v]) => v + 0));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a file that is missing, empty or no CSV', () => {
  test('a missing file', () => {
    const error = fault('/nowhere/bars.csv');
    expect(error).toMatchObject({ code: 'FILE_NOT_FOUND', exitCode: 66 });
    expect(formatError(error)).toBe(
      'error FILE_NOT_FOUND: there is no file /nowhere/bars.csv.\n  next: check the path',
    );
  });

  test('a directory', () => {
    const error = fault(dirname(aFile('')));
    expect(error).toMatchObject({ code: 'FILE_NOT_FOUND', exitCode: 66 });
    expect(error.message).toContain('is a directory');
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read (skipped as root)', () => {
    const path = aCsv(someRows(2));
    chmodSync(path, 0);
    expect(fault(path)).toMatchObject({ code: 'FILE_NOT_FOUND', exitCode: 66 });
  });

  test.each([
    ['an empty file', '', 'DATA_EMPTY', 'the file is empty'],
    ['only a byte order mark', '\ufeff', 'DATA_HEADER', 'the first line is blank'],
    ['only a header', `${HEADER}\n`, 'DATA_EMPTY', 'there is a header but no bar'],
    ['a header and blank lines', `${HEADER}\n\n\n`, 'DATA_EMPTY', 'there is a header but no bar'],
    ['a blank first line', `\n${HEADER}\n`, 'DATA_HEADER', 'the first line is blank'],
  ])('%s', (_name, content, code, message) => {
    const error = fault(aFile(content));
    expect(error).toMatchObject({ code, exitCode: 65 });
    expect(error.message).toContain(message);
  });
});

describe('a header that is wrong', () => {
  test('says what it found, what is missing and what is needed', () => {
    const error = fault(aCsv(someRows(2), 'when,open,high,low,last,volume'));
    expect(error).toMatchObject({ code: 'DATA_HEADER', exitCode: 65 });
    expect(error.message).toContain(
      'the header lacks time, close; found "when", "open", "high", "low", "last", "volume"',
    );
    expect(error.why).toContain('time may be called open_time, timestamp, datetime, time, date');
    expect(error.next).toContain('open_time,open,high,low,close');
  });

  test.each([
    ['data instead of names', '2025-01-01,10,12,8,11,5', 'looks like data'],
    ['semicolons', 'timestamp;open;high;low;close;volume', 'not semicolons'],
    ['tabs', 'timestamp\topen\thigh\tlow\tclose', 'not tabs'],
  ])('explains %s', (_name, header, why) => {
    const error = fault(aCsv(['1;2'], header));
    expect(error.code).toBe('DATA_HEADER');
    expect(error.why).toContain(why);
  });

  test('names a column that is there twice', () => {
    const error = fault(aCsv(['2025-01-01,1,1,1,1,1'], 'date,open,high,low,close,Close'));
    expect(error.message).toContain('names "close" twice');
  });

  test('refuses a time split over two columns', () => {
    const header = 'date,time,open,high,low,close';
    expect(fault(aCsv(['2025-01-01,00:00,1,1,1,1'], header)).message).toContain('split');
  });

  test('never prints what could garble a terminal', () => {
    const error = fault(aCsv(['1'], 'a\u001b[31m,b\u202e,c\u009b'));
    // oxlint-disable-next-line no-control-regex
    expect(formatError(error)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('a cell that is wrong', () => {
  test.each([
    ['an empty price', '10,,8,11,5', 'line 3: high is empty'],
    ['a price that is no number', '10,12,8,nan,5', 'line 3: close "nan" is not a number'],
    ['an empty volume', '10,12,8,11,', 'line 3: volume is empty'],
    ['too few cells', '10,12,8', 'line 3: 4 cells where the header has 6'],
    ['too many cells', '10,12,8,11,5,6', 'line 3: 7 cells where the header has 6'],
    ['an open quote', '10,12,8,11,"5', 'line 3: a quoted cell is not closed'],
    ['a decimal comma', '10,12,8,"11,5",5', 'line 3: close "11,5" is not a number'],
  ])('%s', (_name, cells, message) => {
    const error = faultOfBar(cells);
    expect(error).toMatchObject({ code: 'DATA_MALFORMED', exitCode: 65 });
    expect(error.message).toContain(message);
  });

  test('a time that is none, on its line although blank lines come before', () => {
    const path = aFile(`${HEADER}\n2025-01-01,1,1,1,1,1\n\n\n01/02/2025,1,1,1,1,1\n`);
    expect(fault(path).message).toContain('line 5: time "01/02/2025" is not a time');
  });

  test('a bar that is impossible, on its line although blank lines come before', () => {
    const path = aFile(
      `${HEADER}\n\n2025-01-01,1,1,1,1,1\n\n2025-01-02,1,1,2,1,1\n2025-01-03,1,1,1,1,1\n`,
    );
    expect(fault(path).message).toContain('line 5: high 1 is below low 2');
  });
});

test('a range without bars says what the file has', () => {
  const error = fault(aCsv(someRows(3)), { fromMs: Date.UTC(2026, 0, 1) });
  expect(error).toMatchObject({ code: 'DATA_EMPTY', exitCode: 65, next: 'change --from or --to' });
  expect(error.why).toBe('The file has bars from 2025-01-01T00:00:00Z to 2025-01-01T00:02:00Z');
});

test('a file larger than one chunk loads whole, whatever its cells', () => {
  const rows = someRows(40_000).map((row, index) =>
    index % 1000 === 0 ? `"${row.replaceAll(',', '","')}"` : row,
  );
  const file = loadBarsCsv(aCsv(rows));
  expect(file.columns.length).toBe(40_000);
  expect(file.columns.openMs[39_999]).toBe(NEW_YEAR + 39_999 * 60_000);
  expect(file.columns.close.reduce((sum, close) => sum + close, 0)).toBe(40_000 * 100.5);
  const broken = aCsv([...rows, 'x,1,1,1,1,1']);
  expect(fault(broken).message).toContain('line 40002: time "x"');
});
