// `runner slippage <session..>`: what orders cost and how long they took. `runner slippage fit
// <session..> --out <file>`: a model of it, for runner backtest --slippage-model.
import {
  type LegSlippage,
  type SlippageGrouping,
  fitSlippage,
  slippageTable,
} from '@strategy-runner/core';
import { modelAgainst, slippageDocument } from '../../api/slippage-document.js';
import { slippageModelText, withHash } from '../../api/slippage-model-file.js';
import { type SlippageRows, slippageRows } from '../../api/slippage-rows.js';
import { fitText, slippageText } from '../../api/slippage-text.js';
import { EXIT, RunnerError } from '../../errors.js';
import { replacePrivateFile } from '../../private-files/private-file.js';
import { writeFailed } from '../../store/store-error.js';
import { sessionsDirOf } from '../run-args.js';

export interface SlippageArgs {
  readonly session: readonly string[];
  readonly by?: SlippageGrouping;
  readonly out?: string;
  readonly model?: string;
  readonly sessions?: string;
  readonly json: boolean;
}

export async function runSlippageCommand(args: SlippageArgs): Promise<number> {
  return args.session[0] === 'fit' ? fit(args) : show(args);
}

async function show(args: SlippageArgs): Promise<number> {
  if (args.out !== undefined) throw usage('--out goes with runner slippage fit');
  const rows = await slippageRows(sessionsDirOf(args.sessions), args.session);
  const { model } = args;
  const against = model === undefined ? {} : { against: modelAgainst(model, rows) };
  const view = { rows, groups: slippageTable(legsOf(rows), args.by), ...against };
  const text = args.json ? `${JSON.stringify(slippageDocument(view))}\n` : slippageText(view);
  process.stdout.write(text);
  return EXIT.ok;
}

async function fit(args: SlippageArgs): Promise<number> {
  const { out, session, json } = args;
  if (out === undefined) throw usage('where should the model be written? --out is missing');
  if (session.length < 2) throw usage('which sessions should it be fitted on?');
  if (args.by !== undefined || args.model !== undefined) {
    throw usage('--by and --model do not go with runner slippage fit');
  }
  const rows = await slippageRows(sessionsDirOf(args.sessions), session.slice(1));
  const { sessions, timeframe } = rows;
  const fitted = fitSlippage(legsOf(rows), { sessions, timeframe });
  if (!fitted.ok) throw tooFew(fitted);
  const model = withHash(fitted.model);
  try {
    await replacePrivateFile(out, slippageModelText(model));
  } catch (error) {
    throw writeFailed(out, error);
  }
  const document = { schema: 'runner.slippage-fit/1', path: out, model };
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : fitText(model, out));
  return EXIT.ok;
}

function legsOf({ legs }: SlippageRows): readonly LegSlippage[] {
  return legs.map(({ row }) => row);
}

function tooFew({ orders, least }: { readonly orders: number; readonly least: number }) {
  return new RunnerError({
    code: 'SLIPPAGE_SAMPLE_TOO_SMALL',
    exitCode: EXIT.badData,
    message: `${orders} orders were filled as a taker, a model needs ${least}`,
    why: 'Fewer would fit chance',
    next: 'give more sessions, or use a constant: runner backtest --slippage-bps <bps>',
  });
}

function usage(message: string): RunnerError {
  const next = 'runner slippage fit <session> --out model.json';
  return new RunnerError({ code: 'USAGE', exitCode: EXIT.usage, message, next });
}
