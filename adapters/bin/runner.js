#!/usr/bin/env node
// Exists before the build so that npm can link the command; the program is dist/cli/main.js.
import '../dist/cli/main.js';
