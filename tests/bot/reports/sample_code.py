"""Believable code that the sample findings are made in."""

from __future__ import annotations

HEARTBEAT = """\
import type { RawData, WebSocket } from "ws";

const INTERVAL_MS = 30_000;

/** Pings one client and drops it when it stops answering. */
export class Heartbeat {
  private timer?: NodeJS.Timeout;
  private alive = true;

  constructor(private readonly socket: WebSocket) {}

  start(): void {
    this.socket.on("pong", () => (this.alive = true));
    this.timer = setInterval(() => this.beat(), INTERVAL_MS);
  }

  stop(): void {
    this.alive = false;
    this.socket.close(1000);
  }

  private beat(): void {
    if (!this.alive) return this.stop();
    this.alive = false;
    this.socket.ping();
  }
}
"""
HEARTBEAT_FIXED = HEARTBEAT.replace("  stop(): void {\n", "  stop(): void {\n    clearInterval(this.timer);\n")

STORE = """\
import psycopg

from collector.metrics import rows_written
from collector.readings import Reading, parse

INSERT = "insert into readings (sensor, at, value) values (%s, %s, %s)"


def save_batch(dsn: str, lines: list[str]) -> int:
    conn = psycopg.connect(dsn)
    readings: list[Reading] = [parse(line) for line in lines]
    with conn.cursor() as cursor:
        cursor.executemany(INSERT, readings)
    conn.commit()
    conn.close()
    rows_written.inc(len(readings))
    return len(readings)
"""
STORE_FIXED = STORE.replace(
    """\
    conn = psycopg.connect(dsn)
    readings: list[Reading] = [parse(line) for line in lines]
    with conn.cursor() as cursor:
        cursor.executemany(INSERT, readings)
    conn.commit()
    conn.close()
""",
    """\
    conn = psycopg.connect(dsn)
    try:
        readings: list[Reading] = [parse(line) for line in lines]
        with conn.cursor() as cursor:
            cursor.executemany(INSERT, readings)
        conn.commit()
    finally:
        conn.close()
""",
)

BADGE = """\
import { useEffect, useState } from "react";
import { presenceUrl } from "../api/urls";

export function PresenceBadge({ userId }: { userId: string }) {
  const [online, setOnline] = useState(false);

  useEffect(() => {
    const socket = new WebSocket(presenceUrl(userId));
    socket.onmessage = (event) => setOnline(event.data === "online");
  }, [userId]);

  return <span className={online ? "badge badge-on" : "badge"} />;
}
"""
BADGE_FIXED = BADGE.replace('"online");\n  }, [userId]', '"online");\n    return () => socket.close();\n  }, [userId]')

ROOMS = """\
import { bus } from "../bus";
import type { Client } from "../client";

export function joinRoom(client: Client, room: string): void {
  bus.on(`room:${room}`, (message) => client.send(message));
  client.rooms.add(room);
}
"""

JOBS = """\
from collector.sessions import open_session


def refresh(urls: list[str]) -> dict[str, int]:
    session = open_session()
    return {url: session.get(url, timeout=10).status_code for url in urls}
"""

SERVER = """\
import { Pool } from "pg";
import { createServer } from "node:http";

export const pool = new Pool({ max: 20 });
export const server = createServer();
"""

EXPORT_TEST = """\
from collector.export import export_csv


def test_export_writes_header(tmp_path):
    export_csv(tmp_path / "out.csv", [])
    assert open(tmp_path / "out.csv").readline() == "sensor,at,value\\n"
"""

BACKFILL = """\
import sqlite3

db = sqlite3.connect("readings.db")  # stanch-ignore database/never-released: one-off script, the process ends here
db.execute("update readings set value = value / 1000")
db.commit()
"""
