// Tells code, comment and literal apart, character by character, without parsing TypeScript.
// Quotes and slashes that delimit a literal count as code, so that literals stay visible as such.
export const CODE = 0;
export const COMMENT = 1;
export const LITERAL = 2;
export type Region = typeof CODE | typeof COMMENT | typeof LITERAL;

// After one of these words a slash starts a regular expression, after any other it divides.
const BEFORE_EXPRESSION =
  /(?:^|[^.\w$])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await)$/;

export function scan(text: string): readonly Region[] {
  return new Scanner(text).run();
}

class Scanner {
  readonly #text: string;
  readonly #regions: Region[];
  /** Brace depth at which each open `${` of a template ends. */
  readonly #templates: number[] = [];
  #depth = 0;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#regions = Array.from<Region>({ length: text.length }).fill(CODE);
  }

  run(): readonly Region[] {
    while (this.#at < this.#text.length) this.#step();
    return this.#regions;
  }

  #step(): void {
    const character = this.#text.charAt(this.#at);
    const pair = this.#text.slice(this.#at, this.#at + 2);
    if (pair === '//') return this.#comment('\n', 0);
    if (pair === '/*') return this.#comment('*/', 2);
    if (character === "'" || character === '"') return this.#quoted(character);
    if (character === '`') return this.#template();
    if (character === '/' && this.#startsExpression()) return this.#expression();
    if (character === '}' && this.#templates.at(-1) === this.#depth) {
      this.#templates.pop();
      return this.#template();
    }
    if (character === '{') this.#depth += 1;
    if (character === '}') this.#depth -= 1;
    this.#at += 1;
  }

  #comment(end: string, endLength: number): void {
    const found = this.#text.indexOf(end, this.#at + 2);
    this.#mark(COMMENT, found < 0 ? this.#text.length : found + endLength);
  }

  #quoted(quote: string): void {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === quote || character === '\n') break;
      this.#mark(LITERAL, this.#at + (character === '\\' ? 2 : 1));
    }
    this.#at += 1;
  }

  /** From a back-tick, or from the brace that ends a substitution, to the next of either. */
  #template(): void {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === '`') break;
      if (character === '$' && this.#text.charAt(this.#at + 1) === '{') {
        this.#templates.push(this.#depth);
        this.#at += 2;
        return;
      }
      this.#mark(LITERAL, this.#at + (character === '\\' ? 2 : 1));
    }
    this.#at += 1;
  }

  #expression(): void {
    let inClass = false;
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === '\n' || (character === '/' && !inClass)) break;
      if (character === '[') inClass = true;
      if (character === ']') inClass = false;
      this.#mark(LITERAL, this.#at + (character === '\\' ? 2 : 1));
    }
    this.#at += 1;
  }

  #startsExpression(): boolean {
    let last = this.#at - 1;
    while (last >= 0 && this.#isBlank(last)) last -= 1;
    if (last < 0) return true;
    if (/[)\]}'"`]/.test(this.#text.charAt(last))) return false;
    if (!/[\w$]/.test(this.#text.charAt(last))) return true;
    return BEFORE_EXPRESSION.test(this.#text.slice(Math.max(0, last - 12), last + 1));
  }

  #isBlank(index: number): boolean {
    return this.#regions[index] === COMMENT || /\s/.test(this.#text.charAt(index));
  }

  #mark(region: Region, end: number): void {
    const limit = Math.min(end, this.#text.length);
    while (this.#at < limit) {
      this.#regions[this.#at] = region;
      this.#at += 1;
    }
  }
}
