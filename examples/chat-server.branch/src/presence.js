const IDLE_MS = 60_000;
const REPORT_MS = 300_000;

/** Who was seen in which room lately. */
export class Presence {
  constructor() {
    this.people = new Map();
    this.idleTimers = new Map();
    // A report that nobody waits for must not keep the process alive.
    setInterval(() => console.log(`presence: ${this.people.size} people`), REPORT_MS).unref();
  }

  seen(room, person) {
    this.people.set(person, room);
    clearTimeout(this.idleTimers.get(person));
    const timer = setTimeout(() => this.forget(person), IDLE_MS);
    this.idleTimers.set(person, timer);
  }

  forget(person) {
    clearTimeout(this.idleTimers.get(person));
    this.idleTimers.delete(person);
    this.people.delete(person);
  }

  in(room) {
    return [...this.people].filter(([, where]) => where === room).map(([person]) => person);
  }

  close() {
    for (const person of [...this.people.keys()]) {
      this.forget(person);
    }
  }
}
