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
    socket.on('message', (data) => this.receive(JSON.parse(String(data))));
    socket.on('error', (error) => {
      console.warn('bridge:', error.message);
      this.retryLater();
    });
    socket.on('close', () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.retryLater();
    });
  }

  receive(message) {
    if (message.standby) {
      this.switchTo(message.standby);
      return;
    }
    this.hub.broadcast(this.room, message);
  }

  /** The other office moves to its stand-by server before it restarts, and says so. */
  switchTo(url) {
    this.url = url;
    this.socket = new WebSocket(url);
    this.listenTo(this.socket);
  }

  retryLater() {
    if (this.stopped) return;
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
