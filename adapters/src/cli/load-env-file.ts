// Adds the variables of `.env` in the working folder to the environment, before any command reads
// one. What is left out is said in a log line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../private-files/error-code.js';
import { readEnvFile } from '../safety/env-file.js';

export async function loadEnvFile(): Promise<void> {
  const path = join(process.cwd(), '.env');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT') await say('env_file_unreadable', { path, code });
    return;
  }
  const { variables, refused, isIgnored } = readEnvFile(text, process.env);
  Object.assign(process.env, variables);
  if (isIgnored) await say('env_file_ignored', { path, why: 'it is not read in production' });
  if (refused.length > 0) {
    await say('env_file_names_ignored', { path, names: refused, why: 'only the environment sets' });
  }
}

async function say(event: string, fields: object): Promise<void> {
  const { createLog } = await import('../log/log.js');
  createLog('warn').warn({ event, ...fields }, event.replaceAll('_', ' '));
}
