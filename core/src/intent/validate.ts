// Schema first (rule 1): unknown → Valid<IntentBody>, or a denial that names the path.
import type { IntentBody } from '@strategy-runner/contracts';
import { validateIntentBody } from '@strategy-runner/contracts/validators';
import { type Outcome, deny } from '../outcome.js';
import { isLasting, isUncapturable } from './capture.js';
import type { Valid } from './stages.js';

// Bodies that last were found valid once and for all; of others nothing is remembered.
const found = new WeakMap<object, Outcome<Valid<IntentBody>>>();

export function validate(body: unknown): Outcome<Valid<IntentBody>> {
  if (!isLasting(body)) return validateAnew(body);
  const known = found.get(body);
  if (known !== undefined) return known;
  const outcome = validateAnew(body);
  found.set(body, outcome);
  return outcome;
}

function validateAnew(body: unknown): Outcome<Valid<IntentBody>> {
  if (isUncapturable(body)) {
    const { path, detail } = body.$uncapturable;
    return deny('NOT_PLAIN_JSON', path, detail);
  }
  const error = validateIntentBody(body);
  if (error !== undefined) return deny('SCHEMA_INVALID', error.path, error.message);
  return { ok: true, value: body as Valid<IntentBody> };
}
