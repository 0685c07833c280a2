-- Accounts with certificate authorities (ACME), by directory, contact and outer account. The sealed key is here before the account is: where the answer was lost, the same key finds it.
CREATE TABLE acme_accounts (
  id TEXT PRIMARY KEY,
  url TEXT,
  sealed {bytes} NOT NULL,
  created {long} NOT NULL
) {strict};
-- The certificate of a set of names, with its sealed key, and how the last attempt to get one went. Times of the certificate are null until there is one.
CREATE TABLE certificates (
  wanted TEXT PRIMARY KEY,
  chain TEXT,
  sealed {bytes},
  begins {long},
  renew {long},
  ends {long},
  attempts {long} NOT NULL,
  next {long} NOT NULL,
  problem TEXT
) {strict};
-- What the authority asks for at a name, at whichever instance it comes to.
CREATE TABLE certificate_challenges (
  name TEXT NOT NULL,
  token TEXT NOT NULL,
  answer TEXT NOT NULL,
  expires {long} NOT NULL,
  PRIMARY KEY (name, token)
) {strict};
