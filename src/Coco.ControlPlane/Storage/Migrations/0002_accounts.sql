-- People, the apps they register, and what both show that they are who they are.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  password TEXT,
  locked {long},
  created {long} NOT NULL,
  version {long} NOT NULL
) {strict};

-- Secrets that went out by mail, as hashes: to confirm an address, to set a new password. A notice holds none and is counted only, so that
-- nobody gets much mail by the doing of others.
CREATE TABLE mail_codes (
  hash {bytes} PRIMARY KEY,
  purpose TEXT NOT NULL,
  email TEXT NOT NULL,
  account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
  password TEXT,
  created {long} NOT NULL,
  expires {long} NOT NULL
) {strict};
CREATE INDEX mail_codes_email ON mail_codes (email, created);
CREATE INDEX mail_codes_account ON mail_codes (account_id);
CREATE INDEX mail_codes_expires ON mail_codes (expires);

-- Wrong passwords, by a bucket of the address: the same for addresses that have an account and those that have none, and never more rows
-- than there are buckets.
CREATE TABLE sign_in_failures (
  bucket {long} PRIMARY KEY,
  failures {long} NOT NULL,
  last {long} NOT NULL
) {strict};

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  credential {bytes} NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  algorithm {long} NOT NULL,
  public_key {bytes} NOT NULL,
  sign_count {long} NOT NULL,
  created {long} NOT NULL,
  used {long}
) {strict};
CREATE INDEX passkeys_account ON passkeys (account_id, id);

-- Challenges that were answered; until they expire by themselves.
CREATE TABLE passkey_challenges (
  hash {bytes} PRIMARY KEY,
  expires {long} NOT NULL
) {strict};

CREATE TABLE apps (
  id TEXT PRIMARY KEY,
  owner_account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  redirect_uris TEXT NOT NULL DEFAULT '',
  scopes TEXT NOT NULL DEFAULT '',
  secret {bytes},
  previous_secret {bytes},
  previous_until {long},
  created {long} NOT NULL,
  version {long} NOT NULL
) {strict};
CREATE INDEX apps_owner ON apps (owner_account, id);

-- Where single-page apps come from: the origins that browsers may let read the answers (CORS).
CREATE TABLE app_origins (
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  origin TEXT NOT NULL,
  PRIMARY KEY (app_id, origin)
) {strict};
CREATE INDEX app_origins_origin ON app_origins (origin);

-- Bearer tokens. What is kept is a hash: a copy of the database gives nobody a token.
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash {bytes} NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
  app_id TEXT REFERENCES apps (id) ON DELETE CASCADE,
  external_user TEXT,
  scopes TEXT NOT NULL,
  family TEXT,
  signed_in {long},
  created {long} NOT NULL,
  expires {long} NOT NULL,
  revoked {long}
) {strict};
CREATE INDEX tokens_expires ON tokens (expires);
CREATE INDEX tokens_family ON tokens (family);
CREATE INDEX tokens_account ON tokens (account_id);
CREATE INDEX tokens_app ON tokens (app_id);

-- Authorization codes (RFC 6749 §4.1.2) as hashes. A used one is kept until it expires long since, to know its second use.
CREATE TABLE authorization_codes (
  hash {bytes} PRIMARY KEY,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scopes TEXT NOT NULL,
  nonce TEXT,
  family TEXT NOT NULL,
  signed_in {long} NOT NULL,
  expires {long} NOT NULL,
  used {long}
) {strict};
CREATE INDEX authorization_codes_expires ON authorization_codes (expires);
CREATE INDEX authorization_codes_account ON authorization_codes (account_id);
CREATE INDEX authorization_codes_app ON authorization_codes (app_id);

-- What people let apps do, so that they are asked once.
CREATE TABLE consents (
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  given {long} NOT NULL,
  PRIMARY KEY (account_id, app_id)
) {strict};
CREATE INDEX consents_app ON consents (app_id);

-- Keys that sign ID tokens: the private half sealed by the server's secret.
CREATE TABLE signing_keys (
  id TEXT PRIMARY KEY,
  sealed {bytes} NOT NULL,
  created {long} NOT NULL
) {strict};
