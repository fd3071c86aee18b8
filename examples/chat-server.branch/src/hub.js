import { EventEmitter } from 'node:events';

import { WebSocketServer } from 'ws';

import { saveMessage } from './database.js';

const PRESENCE_MS = 15_000;
const TYPING_MS = 3_000;

/**
 * The rooms and the sockets in them.
 *
 * Emits `message` with each message that was saved, and `presence` with who is in a room. One hub serves the whole process; `close()` ends it.
 */
export class Hub extends EventEmitter {
  constructor({ limiter, presence, heartbeatMs }) {
    super();
    this.limiter = limiter;
    this.presence = presence;
    this.rooms = new Map();
    this.typingTimers = new Map();
    this.sockets = new WebSocketServer({ noServer: true });
    this.heartbeat = setInterval(() => this.dropDead(), heartbeatMs);
    this.presenceTimer = setInterval(() => this.announcePresence(), PRESENCE_MS);
  }

  /** Takes over an HTTP connection that asks for a WebSocket. */
  upgrade(request, connection, head) {
    const { searchParams } = new URL(request.url, 'http://localhost');
    const room = searchParams.get('room') ?? 'lobby';
    const person = searchParams.get('name') ?? 'somebody';
    this.sockets.handleUpgrade(request, connection, head, (socket) => this.join(socket, room, person));
  }

  join(socket, room, person) {
    const members = this.rooms.get(room) ?? new Set();
    this.rooms.set(room, members.add(socket));
    socket.alive = true;
    socket.once('pong', () => this.presence.seen(room, person));
    socket.on('pong', () => {
      socket.alive = true;
    });
    socket.on('message', (data, isBinary) => {
      // A binary frame only says that somebody is typing; text frames are messages.
      if (isBinary) this.typing(room, person);
      else this.receive(room, person, String(data));
    });
    socket.on('close', () => this.leave(socket, room));
    socket.on('error', (error) => console.warn(`hub: ${person} in ${room}:`, error.message));
  }

  leave(socket, room) {
    const members = this.rooms.get(room);
    if (!members) return;
    members.delete(socket);
    if (members.size === 0) this.rooms.delete(room);
  }

  /** Shows that a person types, until nothing was typed for a while. */
  typing(room, person) {
    clearTimeout(this.typingTimers.get(person));
    this.broadcast(room, { typing: person });
    this.typingTimers.set(
      person,
      setTimeout(() => {
        this.typingTimers.delete(person);
        this.broadcast(room, { typing: null });
      }, TYPING_MS),
    );
  }

  announcePresence() {
    for (const room of this.rooms.keys()) {
      const people = this.presence.in(room);
      this.broadcast(room, { people });
      this.emit('presence', { room, people });
    }
  }

  async receive(room, author, text) {
    if (!this.limiter.allows(author)) return;
    try {
      const message = await saveMessage({ room, author, text });
      this.broadcast(room, message);
      this.emit('message', message);
    } catch (error) {
      console.error('hub: message lost:', error.message);
    }
  }

  broadcast(room, message) {
    const text = JSON.stringify(message);
    for (const socket of this.rooms.get(room) ?? []) {
      socket.send(text);
    }
  }

  /** A socket that did not answer the last ping is gone, whatever TCP thinks of it. */
  dropDead() {
    for (const socket of this.sockets.clients) {
      if (!socket.alive) {
        socket.terminate();
        continue;
      }
      socket.alive = false;
      socket.ping();
    }
  }

  close() {
    clearInterval(this.heartbeat);
    for (const timer of this.typingTimers.values()) clearTimeout(timer);
    this.typingTimers.clear();
    for (const socket of this.sockets.clients) {
      socket.close(1001, 'the server is going away');
    }
    this.sockets.close();
    this.removeAllListeners();
  }
}
