// Preloaded into Node programs (`node --require`): counts what they hold when asked, and patches nothing.
'use strict';

try {
  require('./control.cjs').serve(null);
} catch {
  // The program goes on without being measured, which whoever asks will see.
}
