'use strict';

// Signs requests of face 3 (Rong360's open platform) with Node's own crypto, written from its
// specification alone. Lines in and out as in rong360.py.

const crypto = require('node:crypto');
const readline = require('node:readline');

const HASHES = { RSA: 'sha1', RSA2: 'sha256' };

function sign(privateKey, fields) {
  const first = new Map();
  for (const [name, value] of fields) if (!first.has(name)) first.set(name, value);
  const names = [...first.keys()].sort();
  const text = names.map((name) => `${name}=${first.get(name)}`).join('&');
  const hash = HASHES[first.get('sign_type') || 'RSA'];
  return crypto.sign(hash, Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const signature = sign(asked.private_key, asked.fields);
    const body = new URLSearchParams([...asked.fields, ['sign', signature]]).toString();
    process.stdout.write(JSON.stringify({ body }) + '\n');
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
