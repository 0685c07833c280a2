// A mail server for one test: npm smtp-server. The argument is JSON; a line of JSON comes out for its port, for each sign-in and for each mail that it has, before it answers.
// It ends with its input. How it answers follows from the recipient:
//   busy-N@…  450 to the recipient, N times      gone@…  550 to the recipient
//   later-N@… 451 to the text, N times           spam@…  554 to the text
//   hang@…    has the text and never answers     lost@…  has the first text and never answers it
import net from 'node:net';
import readline from 'node:readline';
import { SMTPServer } from 'smtp-server';

const options = JSON.parse(process.argv[2]);
const counts = new Map();
const tell = line => process.stdout.write(JSON.stringify(line) + '\n');
const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });
// How often this was asked for before.
const times = key => { const count = counts.get(key) ?? 0; counts.set(key, count + 1); return count; };
const word = address => address.split('@')[0].split('-');

function onRcptTo(address, session, done) {
  const [kind, count] = word(address.address);
  if (kind === 'gone') { return done(refusal(550, `5.1.1 nobody is called ${address.address}`)); }
  if (kind === 'busy' && times(address.address) < Number(count)) { return done(refusal(450, `4.2.1 ${address.address} is busy`)); }
  done();
}

function onData(stream, session, done) {
  const chunks = [];
  stream.on('data', chunk => chunks.push(chunk));
  stream.on('end', () => {
    const to = session.envelope.rcptTo.map(one => one.address);
    const [kind, count] = word(to[0]);
    const key = 'text ' + to[0];
    if (kind === 'spam') { return done(refusal(554, `5.7.1 no such mail to ${to[0]}`)); }
    if (kind === 'later' && times(key) < Number(count)) { return done(refusal(451, `4.3.0 not now, ${to[0]}`)); }
    tell({ mail: { from: session.envelope.mailFrom.address, to, text: Buffer.concat(chunks).toString('base64'), secure: session.secure, user: session.user ?? null, connection: session.id, name: session.hostNameAppearsAs } });
    if (kind === 'hang' || (kind === 'lost' && times(key) === 0)) { return; }
    setTimeout(done, options.delay ?? 0);
  });
}

const server = options.silent
  ? net.createServer(() => { })
  : new SMTPServer({
    secure: options.security === 'Tls',
    key: options.key, cert: options.cert,
    disabledCommands: options.user ? [] : ['AUTH'],
    hideSTARTTLS: options.security === 'None',
    allowInsecureAuth: options.security === 'None',
    disableReverseLookup: true,
    onAuth: (auth, session, done) => {
      const isRight = auth.username === options.user && auth.password === options.password;
      tell({ auth: isRight });
      return isRight ? done(null, { user: auth.username }) : done(refusal(535, '5.7.8 wrong'));
    },
    onMailFrom: (address, session, done) => done(options.refusesSender ? refusal(553, `5.7.1 not for ${address.address}`) : null),
    onRcptTo, onData,
  });
server.on('error', () => { }); // of a client that went, as killed ones do
const listener = options.silent ? server : server.server;
server.listen(0, '127.0.0.1', () => tell({ port: listener.address().port }));
readline.createInterface({ input: process.stdin }).on('close', () => process.exit(0));
