// Calls a server with the gateway's official client for Node, as it is published. One call is one
// line of JSON on the standard input, its answer one line on the standard output; the fields are
// those of `Call` and `Reply` in tests/tests/clients/driver.rs.
'use strict';

const readline = require('readline');
const util = require('util');
const debug = require('debug');
const { Client, SimpleClient } = require('aliyun-api-gateway');

// With DEBUG=api-gateway the client prints what it signed beside what the server says it read.
let printed = [];
debug.log = (...words) => printed.push(util.format(...words));

const TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' };
const LIMIT_MS = 20000;

function optionsOf(call) {
  const headers = {};
  if (call.nonce !== null) headers['x-ca-nonce'] = call.nonce;
  if (call.stamp !== null) headers['x-ca-timestamp'] = call.stamp;
  if (call.way !== 'get') headers['content-type'] = TYPES[call.way];
  const [query, parameters] = [call.query, call.parameters].map(Object.fromEntries);
  const data = call.way === 'get' ? { query: { ...query, ...parameters } } : { query, data: parameters };
  const signHeaders = Object.fromEntries(call.signed_headers);
  return { ...data, headers, signHeaders, timeout: LIMIT_MS };
}

function wordAfter(word) {
  const line = printed.find((line) => line.includes(word));
  return line === undefined ? null : line.slice(line.indexOf(word) + word.length);
}

async function answer(call) {
  printed = [];
  const signs = call.client === 'signed';
  const client = signs ? new Client(call.key, call.secret) : new SimpleClient(call.code);
  const post = call.way === 'get' ? 'get' : 'post';
  try {
    const body = await client[post](call.base_url + call.path, optionsOf(call));
    // The client keeps status and headers of a 2xx to itself and gives what it read.
    return { status: 200, headers: [], body: JSON.stringify(body) };
  } catch (error) {
    if (error.data === undefined) throw error;
    // Of any other status it never reads the body.
    const headers = Object.entries(error.data.headers).map(([name, value]) => [name, String(value)]);
    const shown = { client: wordAfter(' client: '), server: wordAfter(' server: ') };
    return { status: error.code, headers, body: '', error: error.message, shown };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
  }
  // Its connections are kept alive for longer than anybody waits.
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
