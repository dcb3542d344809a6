'use strict';

// Hands an application in for the risk audit: a JWE of npm `jose`, or RSA blocks of Node's own
// crypto. Question and answer as in audit.py. The telephone is a number, as the interface's
// description has it.

const crypto = require('node:crypto');
const fs = require('node:fs');
const { pathToFileURL } = require('node:url');
const { setTimeout: pause } = require('node:timers/promises');
const zlib = require('node:zlib');

function blocks(text, key) {
  const parts = [];
  for (let at = 0; at < text.length; at += 245) {
    const part = text.subarray(at, at + 245);
    parts.push(crypto.publicEncrypt({ key, padding: crypto.constants.RSA_PKCS1_PADDING }, part));
  }
  return Buffer.concat(parts).toString('base64');
}

async function wrapped(text, pem, kid) {
  // An ES module is not looked for in NODE_PATH.
  const { CompactEncrypt, importSPKI } = await import(pathToFileURL(require.resolve('jose')));
  const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid };
  const key = await importSPKI(pem, header.alg);
  return new CompactEncrypt(text).setProtectedHeader(header).encrypt(key);
}

async function told(response) {
  const answer = await response.json();
  if (answer.code !== 0) throw new Error(JSON.stringify(answer));
  return answer.data;
}

async function main() {
  const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
  const post = async (path, fields) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(fields);
    return told(await fetch(asked.base_url + path, { method: 'POST', headers, body }));
  };
  const { username, password, name, id_card, public_key: pem } = asked;
  const phone = Number(asked.phone);
  const { token } = await post('/client/authorize/token', { username, password });
  const plain = Buffer.from(asked.application, 'utf8');
  const text = asked.gzip ? zlib.gzipSync(plain) : plain;
  const is_jwe = asked.envelope === 'jwe';
  const data = is_jwe ? await wrapped(text, pem, asked.kid) : blocks(text, pem);
  const fields = { token, name, phone, id_card, data };
  const { open_id } = await post('/risk-model/audit/open-id', fields);
  const place = `${asked.base_url}/risk-model/audit/result?open_id=${open_id}`;
  let result = await told(await fetch(place));
  for (let look = 0; result.state === 2 && look < 100; look += 1) {
    await pause(100);
    result = await told(await fetch(place));
  }
  console.log(JSON.stringify({ open_id, ...result }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
