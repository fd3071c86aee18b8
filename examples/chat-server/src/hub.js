import { EventEmitter } from 'node:events';

import { WebSocketServer } from 'ws';

import { saveMessage } from './database.js';

/**
 * The rooms and the sockets in them.
 *
 * Emits `message` with each message that was saved. One hub serves the whole process; `close()` ends it.
 */
export class Hub extends EventEmitter {
  constructor({ limiter, heartbeatMs }) {
    super();
    this.limiter = limiter;
    this.rooms = new Map();
    this.sockets = new WebSocketServer({ noServer: true });
    this.heartbeat = setInterval(() => this.dropDead(), heartbeatMs);
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
    socket.on('pong', () => {
      socket.alive = true;
    });
    socket.on('message', (data) => this.receive(room, person, String(data)));
    socket.on('close', () => this.leave(socket, room));
    socket.on('error', (error) => console.warn(`hub: ${person} in ${room}:`, error.message));
  }

  leave(socket, room) {
    const members = this.rooms.get(room);
    if (!members) return;
    members.delete(socket);
    if (members.size === 0) this.rooms.delete(room);
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
    for (const socket of this.sockets.clients) {
      socket.close(1001, 'the server is going away');
    }
    this.sockets.close();
    this.removeAllListeners();
  }
}
