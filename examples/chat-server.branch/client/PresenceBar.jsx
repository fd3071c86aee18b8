import { useEffect, useState } from 'react';

import { useClock } from './useClock.js';

const REFRESH_MS = 30_000;

/** The people in a room and how much was said today; lit while the server answers. */
export function PresenceBar({ room, name }) {
  const [people, setPeople] = useState([]);
  const [today, setToday] = useState(0);
  const [live, setLive] = useState(false);
  const [visible, setVisible] = useState(true);
  const [unread, setUnread] = useState(0);
  const now = useClock();

  useEffect(() => {
    const refresh = async () => {
      const response = await fetch(`/activity?room=${encodeURIComponent(room)}`);
      const days = await response.json();
      setToday(days.at(-1)?.count ?? 0);
    };
    refresh();
    setInterval(refresh, REFRESH_MS);
  }, [room]);

  useEffect(() => {
    const socket = new WebSocket(`/socket?room=${encodeURIComponent(room)}&name=${encodeURIComponent(name)}`);
    socket.onopen = () => setLive(true);
    socket.onclose = () => setLive(false);
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.people) setPeople(message.people);
      else if (message.text && document.hidden) setUnread((count) => count + 1);
    };
  }, [room, name]);

  useEffect(() => {
    const onFocus = () => setUnread(0);
    window.addEventListener('focus', onFocus);
  }, []);

  useEffect(() => {
    const onVisibility = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', onVisibility);
    return () => document.removeEventListener('visibilitychange', onVisibility);
  }, []);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    window.addEventListener('online', () => setLive(true), { signal });
    window.addEventListener('offline', () => setLive(false), { signal });
    return () => controller.abort();
  }, []);

  return (
    <aside className={live ? 'presence live' : 'presence'} hidden={!visible}>
      <time>{now.toLocaleTimeString()}</time>
      <span>{today} today</span>
      {unread > 0 && <b>{unread} new</b>}
      <ul>
        {people.map((person) => (
          <li key={person}>{person === name ? 'you' : person}</li>
        ))}
      </ul>
    </aside>
  );
}
