// quiche, through its npm binding, as an echo server and as a client that checks the echo.
//   node peer.mjs server KEY.pem CERTIFICATE.pem        prints "listening PORT"
//   node peer.mjs client PORT STREAMS BYTES             prints "echoed STREAMS BYTES"
import { createHmac, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { QUICClient, QUICServer, events } from '@matrixai/quic';
import Logger, { LogLevel } from '@matrixai/logger';

const logger = new Logger('quiche', LogLevel.WARN);
const config = { applicationProtos: ['coco-echo'], maxIdleTimeout: 30_000 };
const mac = (key, data) => createHmac('sha256', Buffer.from(key)).update(Buffer.from(data)).digest();
const toArrayBuffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const ops = {
  randomBytes: async (data) => { randomFillSync(Buffer.from(data)); },
  sign: async (key, data) => toArrayBuffer(mac(key, data)),
  verify: async (key, data, signature) => timingSafeEqual(mac(key, data), Buffer.from(signature)),
};

async function serve(keyFile, certificateFile) {
  const server = new QUICServer({
    crypto: { key: toArrayBuffer(randomBytes(32)), ops },
    config: { ...config, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certificateFile, 'utf8') },
    logger,
  });
  server.addEventListener(events.EventQUICServerConnection.name, ({ detail: connection }) => {
    connection.addEventListener(events.EventQUICConnectionStream.name, ({ detail: stream }) => {
      stream.readable.pipeTo(stream.writable).catch((error) => console.error('stream', error.message));
    });
  });
  await server.start({ host: '127.0.0.1', port: 0 });
  console.log(`listening ${server.port}`);
}

async function echo(connection, length) {
  const stream = connection.newStream('bidi');
  const sent = randomBytes(length);
  const writer = stream.writable.getWriter();
  const write = writer.write(sent).then(() => writer.close());
  const parts = [];
  for await (const part of stream.readable) { parts.push(Buffer.from(part)); }
  await write;
  if (!Buffer.concat(parts).equals(sent)) { throw new Error('the echo differs from what was sent'); }
}

async function call(port, streams, length) {
  const client = await QUICClient.createQUICClient({
    host: '127.0.0.1', port, serverName: 'localhost', localHost: '127.0.0.1', crypto: { ops }, config: { ...config, verifyPeer: false }, logger,
  });
  let left = streams;
  const worker = async () => { while (left-- > 0) { await echo(client.connection, length); } };
  await Promise.all(Array.from({ length: Math.min(streams, 50) }, worker));
  console.log(`echoed ${streams} ${length}`);
  await client.destroy({ force: true });
  process.exit(0);
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'server') { await serve(rest[0], rest[1]); }
else { await call(Number(rest[0]), Number(rest[1]), Number(rest[2])); }
