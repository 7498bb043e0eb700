// Schema first (rule 1): unknown → Valid<IntentBody>, or a denial that names the path.
import type { IntentBody } from '@strategy-runner/contracts';
import { validateIntentBody } from '@strategy-runner/contracts/validators';
import { type Outcome, deny } from '../outcome.js';
import { isUncapturable } from './capture.js';
import type { Valid } from './stages.js';

export function validate(body: unknown): Outcome<Valid<IntentBody>> {
  if (isUncapturable(body)) {
    const { path, detail } = body.$uncapturable;
    return deny('NOT_PLAIN_JSON', path, detail);
  }
  const error = validateIntentBody(body);
  if (error !== undefined) return deny('SCHEMA_INVALID', error.path, error.message);
  return { ok: true, value: body as Valid<IntentBody> };
}
