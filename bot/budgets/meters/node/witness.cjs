// Preloaded into Node programs (`node --require`): counts as count.cjs does, and sees where what lives was made.
'use strict';

try {
  const sites = require('./sites.cjs');
  // First, so that what we hold ourselves is not witnessed.
  require('./control.cjs').serve(sites);
  require('./patches.cjs').patch();
} catch {
  // The program goes on without being measured, which whoever asks will see.
}
