import { useEffect, useState } from 'react';

/** Calls `tick` every second; the result stops it. */
function everySecond(tick) {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

/** The time, to the second. */
export function useClock() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => everySecond(() => setNow(new Date())), []);
  return now;
}
