// ccxt by itself, as a person would use it, pointed at a local exchange. Nothing can leave the
// machine: an address that is not loopback is taken out.
import ccxt from 'ccxt';

const ORIGIN = 'https://fapi.binance.com';

/** `enableRateLimit` is ccxt's own pacing; without it an order leaves as fast as ccxt can. */
export async function aBareClient({ url, credentials }, { enableRateLimit }) {
  const client = new ccxt.binanceusdm({
    ...credentials,
    enableRateLimit,
    timeout: 60_000,
    options: { fetchCurrencies: false, recvWindow: 60_000 },
  });
  const redirect = (value) =>
    typeof value === 'string'
      ? value.startsWith(ORIGIN)
        ? value.replace(ORIGIN, url)
        : `${url}/none`
      : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redirect(one)]));
  client.urls.api = redirect(client.urls.api);
  await client.loadMarkets();
  return client;
}
