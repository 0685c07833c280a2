// node peer.mjs client URL                  connects and sends every message back; the end of the connection is the end of the program
// node peer.mjs server KEY.pem CERT.pem     listens, says on which port, and sends every message back
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import WebSocket, { WebSocketServer } from 'ws';

function echo(socket) {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('ping', () => console.log('ping'));
  socket.on('close', code => console.log(`closed ${code}`));
  socket.on('error', error => console.log(`error ${error.message}`));
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'client') {
  const socket = new WebSocket(rest[0], 'coco', { rejectUnauthorized: false });
  echo(socket);
  socket.on('open', () => console.log(`open ${socket.protocol} [${socket.extensions}]`));
} else {
  const web = createServer({ key: readFileSync(rest[0]), cert: readFileSync(rest[1]) });
  new WebSocketServer({ server: web, path: '/coco', perMessageDeflate: true }).on('connection', echo);
  web.listen(0, '127.0.0.1', () => console.log(`listening ${web.address().port}\n`));
}
