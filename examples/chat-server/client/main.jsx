import { createRoot } from 'react-dom/client';

import { ChatRoom } from './ChatRoom.jsx';

const { searchParams } = new URL(window.location.href);

createRoot(document.getElementById('root')).render(
  <ChatRoom room={searchParams.get('room') ?? 'lobby'} name={searchParams.get('name') ?? 'somebody'} />,
);
