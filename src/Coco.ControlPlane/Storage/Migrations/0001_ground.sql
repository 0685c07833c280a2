-- What every part uses. Times are milliseconds since 1970 UTC; identifiers are texts that this program made.

-- Answers to requests with an Idempotency-Key, so that a repeated one gets the first one's answer.
CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status {long},
  headers TEXT,
  body {bytes},
  created {long} NOT NULL,
  PRIMARY KEY (caller, key)
) {strict};
CREATE INDEX idempotency_keys_created ON idempotency_keys (created);

-- What operators and owners may want to know later: who did what to what. No payloads, no addresses.
CREATE TABLE audit_events (
  id TEXT PRIMARY KEY,
  at {long} NOT NULL,
  caller TEXT NOT NULL,
  operation TEXT NOT NULL,
  subject TEXT NOT NULL
) {strict};
CREATE INDEX audit_events_at ON audit_events (at);
