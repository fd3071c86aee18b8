import WebSocket from 'ws';

const RETRY_MS = 5_000;

/** Relays one room to the other office and back. Reconnects by itself until it is stopped. */
export class Bridge {
  constructor({ url, room, hub }) {
    this.url = url;
    this.room = room;
    this.hub = hub;
    this.socket = null;
    this.retryTimer = null;
    this.stopped = false;
  }

  connect() {
    if (this.socket || this.stopped) return;
    this.socket = new WebSocket(this.url);
    this.listenTo(this.socket);
  }

  listenTo(socket) {
    socket.on('message', (data) => this.hub.broadcast(this.room, JSON.parse(String(data))));
    socket.on('error', (error) => console.warn('bridge:', error.message));
    socket.on('close', () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.retryLater();
    });
  }

  retryLater() {
    if (this.stopped) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), RETRY_MS);
  }

  send(message) {
    if (message.room !== this.room || this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(message));
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    this.socket?.close();
  }
}
