// js-libp2p over TCP, with Noise and Yamux: one end of a transfer, or of round trips.
//   node peer.mjs server ADDRESS PORT              prints "listening ID"; a line of input asks for "figures cpu="
//   node peer.mjs send ADDRESS PORT ID BYTES       prints "warm", waits for a line of input, prints "sent bytes= wall= cpu="
//   node peer.mjs echo ADDRESS PORT ID COUNT       prints "echoed connect= p50= p99=", connect in ms, the rest in µs
import { createInterface } from 'node:readline';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

const [role, address, port, id, count] = process.argv.slice(2);
const chunk = new Uint8Array(64 * 1024); // what its own documentation's examples and the measurements we compare with write at once
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const input = createInterface({ input: process.stdin });

const node = await createLibp2p({
  addresses: { listen: role === 'server' ? [`/ip4/${address}/tcp/${port}`] : [] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionMonitor: { enabled: false },
});

async function sink(stream) {
  for await (const _ of stream) { /* counted by who sends: it waits until all was read */ }
  stream.send(new Uint8Array(1));
  await stream.close();
}

async function echo(stream) {
  for await (const data of stream) { if (!stream.send(data)) { await stream.onDrain(); } }
}

async function send(connection, bytes) {
  const stream = await connection.newStream('/coco/sink');
  for (let left = bytes; left > 0; left -= chunk.length) {
    if (!stream.send(left < chunk.length ? chunk.subarray(0, left) : chunk)) { await stream.onDrain(); }
  }
  await stream.close(); // our direction; the answer comes when all has arrived
  for await (const _ of stream) { break; }
}

async function roundTrips(connection, times) {
  const stream = await connection.newStream('/coco/echo');
  const answers = stream[Symbol.asyncIterator]();
  const message = new Uint8Array(64);
  const took = [];
  for (let i = -1000; i < times; i++) {
    const start = process.hrtime.bigint();
    stream.send(message);
    for (let got = 0; got < message.length;) { got += (await answers.next()).value.byteLength; }
    if (i >= 0) { took.push(Number(process.hrtime.bigint() - start) / 1e3); }
  }
  return took.sort((a, b) => a - b);
}

if (role === 'server') {
  await node.handle('/coco/sink', (stream) => { sink(stream).catch((error) => console.error(error.message)); });
  await node.handle('/coco/echo', (stream) => { echo(stream).catch((error) => console.error(error.message)); });
  console.log(`listening ${node.peerId}`);
  input.on('line', () => console.log(`figures cpu=${cpu().toFixed(4)}`));
} else {
  const start = performance.now();
  const connection = await node.dial(multiaddr(`/ip4/${address}/tcp/${port}/p2p/${id}`));
  const connect = performance.now() - start;
  if (role === 'send') {
    await send(connection, 50_000_000);
    console.log('warm');
    await new Promise((resolve) => { input.once('line', resolve); });
    const [began, used] = [performance.now(), cpu()];
    await send(connection, Number(count));
    console.log(`sent bytes=${count} wall=${((performance.now() - began) / 1e3).toFixed(4)} cpu=${(cpu() - used).toFixed(4)}`);
  } else {
    const took = await roundTrips(connection, Number(count));
    console.log(`echoed connect=${connect.toFixed(2)} p50=${took[took.length >> 1].toFixed(1)} p99=${took[Math.floor(took.length * 0.99)].toFixed(1)}`);
  }
  process.exit(0);
}
