-- Mail that is to be sent: written in the transaction of what it tells of, and gone when it was handed on. Address and text are sealed by the
-- server's secret; the recipient is a keyed hash of the address, to count by.
CREATE TABLE mails (
  id TEXT PRIMARY KEY,
  recipient {bytes} NOT NULL,
  sealed {bytes} NOT NULL,
  position {long} NOT NULL,
  attempts {long} NOT NULL,
  created {long} NOT NULL,
  next {long} NOT NULL,
  expires {long} NOT NULL
) {strict};
CREATE INDEX mails_recipient ON mails (recipient);
CREATE INDEX mails_next ON mails (next, position);
