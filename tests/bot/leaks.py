"""Small files with and without a leak, for tests of everything around the engine."""

from __future__ import annotations

POLLER = """\
export class Poller {
  constructor(source) {
    this.source = source;
    this.timer = setInterval(() => this.source.refresh(), 5000);
  }

  close() {
    this.source.close();
  }
}
"""
"""A leak at line 4: timer/forgotten-by-teardown, high confidence, with a safe fix."""

CLEAN_POLLER = POLLER.replace("  close() {\n", "  close() {\n    clearInterval(this.timer);\n")

SETTINGS = """\
import json


def settings(path):
    return json.load(open(path))
"""
"""A leak at line 5: file/never-released, high confidence."""

SHUTDOWN = """\
import { createServer } from 'node:http';

const timer = setInterval(() => console.log('alive'), 60000);

process.on('SIGTERM', () => {
  console.log('bye', timer.hasRef());
});
createServer().listen(80);
"""
"""The end of the process is unclean, nothing more."""

RULE = "timer/forgotten-by-teardown"
