// MQTT.js as a client: peer.mjs PORT VERSION COUNT. Subscribes, publishes COUNT messages with each QoS to itself, checks that QoS 1 and 2 all
// come, QoS 2 once, asks a question by response topic (5), then breaks its connection and looks whether the session goes on.
import mqtt from 'mqtt';

const [port, version, count] = process.argv.slice(2).map(Number);
const five = version === 5;
const options = {
  protocolVersion: version, clientId: `peer-${version}`, clean: false, reconnectPeriod: 0,
  properties: five ? { sessionExpiryInterval: 300, topicAliasMaximum: 5, receiveMaximum: 50 } : undefined,
};
const url = `mqtt://127.0.0.1:${port}`;
const fail = error => { console.error(error); process.exit(1); };

const client = await mqtt.connectAsync(url, options);
client.on('error', fail);
const heard = new Map();
let question;
client.on('message', (topic, payload, packet) => {
  heard.set(`${topic} ${payload}`, (heard.get(`${topic} ${payload}`) ?? 0) + 1);
  if (topic === 'peer/question') { question = packet.properties; }
});
await client.subscribeAsync('peer/#', { qos: 2 });
for (const qos of [0, 1, 2]) {
  await Promise.all(Array.from({ length: count }, (_, i) => client.publishAsync(`peer/${qos}`, String(i), { qos })));
}
if (five) {
  const properties = { responseTopic: 'peer/answer', correlationData: Buffer.from('id'), contentType: 'text/plain', userProperties: { a: ['1', '2'] } };
  await client.publishAsync('peer/question', '?', { qos: 1, properties });
}
const until = async condition => { while (!condition()) { await new Promise(go => setTimeout(go, 5)); } };
await until(() => heard.size === 3 * count + (five ? 1 : 0));
for (const [message, times] of heard) { if (message.startsWith('peer/2') && times !== 1) { fail(`${message} came ${times} times`); } }
if (five && (question.responseTopic !== 'peer/answer' || String(question.correlationData) !== 'id' || question.userProperties.a.join() !== '1,2')) { fail(question); }

client.end(true);
const other = await mqtt.connectAsync(url, { protocolVersion: version, clientId: 'other' });
await other.publishAsync('peer/away', 'kept', { qos: 2 });
const again = mqtt.connect(url, options);
const [connack] = await Promise.all([new Promise(go => again.once('connect', go)), new Promise(go => again.once('message', go))]);
if (!connack.sessionPresent) { fail('the session is gone'); }
await again.endAsync();
await other.endAsync();
console.log('done');
