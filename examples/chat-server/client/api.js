/** The messages that a room shows when it is opened. */
export async function fetchHistory(room, signal) {
  const response = await fetch(`/history?room=${encodeURIComponent(room)}`, { signal });
  if (!response.ok) throw new Error(`history: ${response.status}`);
  return response.json();
}
