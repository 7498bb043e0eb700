// An intent by its id, working or recently ended: what comes late still finds the permissions and
// the protection that it was sent with.
import type { Intent } from '@strategy-runner/contracts';
import { recall } from '../state/recent.js';
import type { Turn } from '../turn.js';

export function intentOf(turn: Turn, intentId: string): Intent | undefined {
  const working = turn.state.intents.get(intentId)?.intent;
  return (working ?? recall(turn.state.endedIntents, intentId)) as Intent | undefined;
}
