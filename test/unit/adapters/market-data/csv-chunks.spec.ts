import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES, readChunks } from '../../../../adapters/src/market-data/csv-chunks.js';
import { aFile, errorOf } from './a-file.js';

function readAll(path: string): { text: string; chunks: number } {
  let text = '';
  let chunks = 0;
  for (const { bytes, start, end } of readChunks(path)) {
    expect(bytes[end - 1]).toBe(10);
    text += new TextDecoder().decode(bytes.subarray(start, end));
    chunks++;
  }
  return { text, chunks };
}

describe('readChunks', () => {
  test('puts a file of many chunks together again, line by line', () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index},${index * 7}`);
    const content = `${lines.join('\n')}\n`;
    const { text, chunks } = readAll(aFile(content));
    expect(text === content).toBe(true);
    expect(chunks).toBeGreaterThan(2);
  });

  test('reads a file whose last newline is the last byte of a chunk', () => {
    const content = `${'x'.repeat(CHUNK_BYTES - 1)}\nend\n`;
    expect(readAll(aFile(content)).text === content).toBe(true);
  });

  test('adds the newline that the last line lacks', () => {
    expect(readAll(aFile('a\nb')).text).toBe('a\nb\n');
  });

  test('leaves out the byte order mark', () => {
    expect(readAll(aFile('\ufefftime\n')).text).toBe('time\n');
  });

  test('yields nothing for an empty file', () => {
    expect(readAll(aFile(''))).toEqual({ text: '', chunks: 0 });
  });

  test('refuses a line that does not fit a chunk', () => {
    const path = aFile(`${'x'.repeat(CHUNK_BYTES + 10)}\n`);
    expect(errorOf(() => readAll(path))).toMatchObject({ code: 'DATA_MALFORMED', exitCode: 65 });
  });

  test.each([
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0)],
    ['Parquet', new TextEncoder().encode('PAR1....')],
    ['Arrow', new TextEncoder().encode('ARROW1..')],
    ['UTF-16 text', Uint8Array.of(0xff, 0xfe, 0x74, 0)],
    ['binary', Uint8Array.of(0x74, 0, 1, 2)],
  ])('names %s where it is not CSV', (name, content) => {
    const error = errorOf(() => readAll(aFile(content)));
    expect(error).toMatchObject({ code: 'DATA_HEADER', exitCode: 65 });
    expect(error.message).toContain(name);
  });
});
