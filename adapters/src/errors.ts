// The error every command ends with when it cannot go on: a stable code, what happened, why, and
// the next command. A person never sees a stack trace; only `cause` keeps the origin for the log.

/** Process exit statuses; the numbers follow sysexits where one fits. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  checkFailed: 2,
  usage: 64,
  badData: 65,
  missingInput: 66,
  venueUnavailable: 69,
  busy: 75,
  refused: 77,
  configuration: 78,
} as const;

export type ErrorContext = Readonly<Record<string, unknown>>;

export interface RunnerErrorInit {
  /** One of the codes of the contracts package. */
  readonly code: string;
  /** What happened, without a full stop. */
  readonly message: string;
  readonly why?: string;
  /** What to type or change next. */
  readonly next: string;
  readonly exitCode: number;
  readonly cause?: unknown;
  readonly context?: ErrorContext;
}

export class RunnerError extends Error {
  override readonly name: string = 'RunnerError';
  readonly code: string;
  readonly why: string | undefined;
  readonly next: string;
  readonly exitCode: number;
  readonly context: ErrorContext;

  constructor(init: RunnerErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.why = init.why;
    this.next = init.next;
    this.exitCode = init.exitCode;
    this.context = init.context ?? {};
  }
}

/** The next step after an error that is the host's own. */
export const REPORT_IT = 'run it again with --log-level debug and report what it says';

/** The lines a person reads on stderr: code, what, why, next. Never a stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof RunnerError)) {
    const what = sentence(firstLine(messageOf(error)));
    return `error INTERNAL: ${what}\n  next: ${REPORT_IT}`;
  }
  const why = error.why === undefined ? '' : ` ${sentence(error.why)}`;
  return `error ${error.code}: ${sentence(error.message)}${why}\n  next: ${error.next}`;
}

/** The exit status for anything thrown; what is not a RunnerError is unexpected. */
export function exitCodeOf(error: unknown): number {
  return error instanceof RunnerError ? error.exitCode : EXIT.unexpected;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
