// When the bytes of an order leave: the moment in which a socket is handed them, the last step of
// JavaScript before the system's. Seen below the HTTP library, so that every client is seen alike.
import { Socket } from 'node:net';

const waiting = new Set();

/** Resolves with the time (`performance.now`) at which an order with this text leaves for `url`. */
export function orderLeaves(url, text = '') {
  const { host } = new URL(url);
  return new Promise((resolve) => waiting.add({ host, text, resolve }));
}

function look(chunks) {
  const atMs = performance.now();
  const bytes = chunks.map(({ chunk }) => String(chunk)).join('');
  if (!bytes.startsWith('POST /fapi/v1/order')) return;
  for (const one of waiting) {
    if (!bytes.includes(one.host) || !bytes.includes(one.text)) continue;
    waiting.delete(one);
    one.resolve(atMs);
  }
}

/** Begins to look; for the life of this process. */
export function watchSockets() {
  const { _write: write, _writev: writev } = Socket.prototype;
  Object.assign(Socket.prototype, {
    _write(chunk, encoding, callback) {
      if (waiting.size > 0) look([{ chunk }]);
      return write.call(this, chunk, encoding, callback);
    },
    _writev(chunks, callback) {
      if (waiting.size > 0) look(chunks);
      return writev.call(this, chunks, callback);
    },
  });
}
