// A server with express, as npm has it: body parser, router, a store of sessions that end.
'use strict';

const express = require('express');

const SESSION_MS = 50;
const sessions = new Map();
const app = express();
app.use(express.json());
app.get('/', (request, response) => {
  const id = Math.random().toString(36);
  sessions.set(id, setTimeout(() => sessions.delete(id), SESSION_MS));
  response.json({ id, open: sessions.size });
});
app.listen(Number(process.env.PORT), '127.0.0.1');
