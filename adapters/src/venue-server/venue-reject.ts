// What the exchange says no with: its code, its sentence, the HTTP status. Sentences are read by
// clients, some of which tell errors apart by them, so they are the real exchange's.

const SENTENCES: Readonly<Record<number, string>> = {
  [-1003]: 'Too many requests; current limit is 2400 requests per minute.',
  [-1015]: 'Too many new orders; current limit is 300 orders per TEN_SECONDS.',
  [-1021]: 'Timestamp for this request is outside of the recvWindow.',
  [-1022]: 'Signature for this request is not valid.',
  [-1111]: 'Precision is over the maximum defined for this asset.',
  [-1115]: 'Invalid timeInForce.',
  [-1116]: 'Invalid orderType.',
  [-1117]: 'Invalid side.',
  [-1121]: 'Invalid symbol.',
  [-1125]: 'This listenKey does not exist.',
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-2015]: 'Invalid API-key, IP, or permissions for action.',
  [-2019]: 'Margin is insufficient.',
  [-2021]: 'Order would immediately trigger.',
  [-2022]: 'ReduceOnly Order is rejected.',
  [-2025]: 'Reach max open order limit.',
  [-4003]: 'Quantity less than or equal to zero.',
  [-4004]: 'Quantity less than min quantity.',
  [-4005]: 'Quantity greater than max quantity.',
  [-4013]: 'Price less than min price.',
  [-4014]: 'Price not increased by tick size.',
  [-4015]: 'Client order id is not valid.',
  [-4016]: "Limit price can't be higher than the cap.",
  [-4023]: 'Quantity not increased by step size.',
  [-4024]: "Limit price can't be lower than the floor.",
  [-4028]: 'Leverage is not valid.',
  [-4046]: 'No need to change margin type.',
  [-4047]: 'Margin type cannot be changed if there exists open orders.',
  [-4048]: 'Margin type cannot be changed if there exists position.',
  [-4059]: 'No need to change position side.',
  [-4061]: "Order's position side does not match user's setting.",
  [-4067]: 'Position side cannot be changed if there exists open orders.',
  [-4068]: 'Position side cannot be changed if there exists position.',
  [-4116]: 'ClientOrderId is duplicated.',
  [-4118]: 'ReduceOnly Order Failed. Please check your existing position and open orders.',
  [-4120]:
    'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
  [-4140]: 'Invalid symbol status for opening position.',
  [-4164]: "Order's notional must be no smaller than 5 (unless you choose reduce only).",
  [-5021]:
    'Due to the order could not be filled immediately, the FOK order has been rejected. ' +
    'The order will not be recorded in the order history.',
  [-5022]:
    'Due to the order could not be executed as maker, the Post Only order will be rejected. ' +
    'The order will not be recorded in the order history.',
};

const STATUS: Readonly<Record<number, number>> = { [-2015]: 401, [-1003]: 429, [-1015]: 429 };

export class VenueReject extends Error {
  override readonly name = 'VenueReject';
  readonly code: number;
  readonly http: number;

  constructor(code: number, sentence?: string, http?: number) {
    super(sentence ?? SENTENCES[code] ?? 'An unknown error occurred.');
    this.code = code;
    this.http = http ?? STATUS[code] ?? 400;
  }
}

export function missingParameter(name: string): VenueReject {
  const sentence = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
  return new VenueReject(-1102, sentence);
}
