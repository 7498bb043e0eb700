// A metric is a number, or not available with one sentence that says why.

export interface NotAvailable {
  readonly reason: string;
}

export type Measurement = number | NotAvailable;

export function notAvailable(reason: string): NotAvailable {
  return { reason };
}
