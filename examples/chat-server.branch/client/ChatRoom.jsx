import { useEffect, useRef, useState } from 'react';

import { fetchHistory } from './api.js';
import { PresenceBar } from './PresenceBar.jsx';

/** One room: its history, what arrives live, and a line to write. */
export function ChatRoom({ room, name }) {
  const [messages, setMessages] = useState([]);
  const [draft, setDraft] = useState('');
  const socket = useRef(null);

  useEffect(() => {
    const controller = new AbortController();
    fetchHistory(room, controller.signal)
      .then(setMessages)
      .catch((error) => {
        if (error.name !== 'AbortError') console.error(error);
      });
    return () => controller.abort();
  }, [room]);

  useEffect(() => {
    const live = new WebSocket(`/socket?room=${encodeURIComponent(room)}&name=${encodeURIComponent(name)}`);
    live.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.text) setMessages((seen) => [...seen, message]);
    };
    socket.current = live;
    return () => {
      socket.current = null;
      live.close();
    };
  }, [room, name]);

  useEffect(() => {
    const title = document.title;
    document.title = `#${room}`;
    return () => {
      document.title = title;
    };
  }, [room]);

  const send = (event) => {
    event.preventDefault();
    socket.current?.send(draft);
    setDraft('');
  };

  return (
    <section className="room">
      <h2>#{room}</h2>
      <PresenceBar room={room} name={name} />
      <ol>
        {messages.map(({ id, author, text }) => (
          <li key={id}>
            <b>{author}</b> {text}
          </li>
        ))}
      </ol>
      <form onSubmit={send}>
        <input value={draft} onChange={(event) => setDraft(event.target.value)} placeholder="Say something" />
      </form>
    </section>
  );
}
