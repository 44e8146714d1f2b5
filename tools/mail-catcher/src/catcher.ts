import { SMTPServer } from 'smtp-server';
import { openMailFolder } from './mail-folder';

/** Largest message, in bytes. */
const MOST_BYTES = 10 * 1024 * 1024;
/** Milliseconds after which a silent client is let go. */
const SILENCE_MS = 60_000;
/** Milliseconds that clients get to end when it closes. */
const CLOSE_MS = 2000;
/** Clients at once; the others are told to come again. */
const MOST_CLIENTS = 100;

/**
 * A mail server that does not listen yet. It takes every message for whomever it is, keeps each once in the folder and sends
 * none on. Without TLS and without log-in: it is for this machine alone.
 */
export function createMailCatcher(folder: string): SMTPServer {
  const mail = openMailFolder(folder);
  const server = new SMTPServer({
    banner: 'catcher: nothing is sent on',
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    hideSMTPUTF8: false,
    size: MOST_BYTES,
    maxClients: MOST_CLIENTS,
    socketTimeout: SILENCE_MS,
    closeTimeout: CLOSE_MS,
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BYTES) chunks.push(chunk);
      });
      stream.on('end', () => {
        if (stream.sizeExceeded || bytes > MOST_BYTES)
          return callback(Object.assign(new Error('message too large'), { responseCode: 552 }));
        try {
          callback(null, `kept as ${mail.keep(Buffer.concat(chunks))}`);
        } catch (error) {
          // 451: the disk may have room again by the next try.
          callback(Object.assign(new Error('not kept', { cause: error }), { responseCode: 451 }));
        }
      });
    },
  });
  // A client that breaks off is nobody's fault here.
  server.on('error', () => undefined);
  return server;
}
