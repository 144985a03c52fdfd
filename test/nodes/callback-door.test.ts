import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { pass, serveCallbacks } from '../../nodes/chatapp-connection/callback-door';
import { LastingConnections } from '../../nodes/chatapp-connection/lasting-connections';
import type { CallbackRequest, Connection, Webhook } from '../../src';
