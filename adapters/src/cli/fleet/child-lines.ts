// What a run prints, line by line as it comes, each with the run's name: a log line gets a field,
// anything else a prefix. A line is passed on whole or not at all.
const ERROR = /^error [A-Z_]+: /;

export interface ChildLines {
  readonly name: string;
  readonly isJson: boolean;
  readonly write: (line: string) => void;
}

export class TaggedLines {
  readonly #to: ChildLines;
  #rest = '';
  #error: string | null = null;

  constructor(to: ChildLines) {
    this.#to = to;
  }

  /** What the run said why it could not go on. */
  get error(): string | null {
    return this.#error;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#pass(line);
  }

  /** What a process that was cut off has left of its last line. */
  end(): void {
    if (this.#rest !== '') this.#pass(this.#rest);
    this.#rest = '';
  }

  #pass(line: string): void {
    const { name, isJson, write } = this.#to;
    if (line === '') return;
    if (ERROR.test(line)) this.#error = line.slice('error '.length);
    if (line.startsWith('{"') && line.endsWith('}'))
      write(`{"run_name":"${name}",${line.slice(1)}\n`);
    else
      write(isJson ? `${JSON.stringify({ run_name: name, msg: line })}\n` : `${name} | ${line}\n`);
  }
}
