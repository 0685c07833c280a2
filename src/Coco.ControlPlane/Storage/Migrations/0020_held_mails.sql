-- Mail that waited when a backup was made which was restored: it may have been sent since, so it waits for the operator's word. As mails otherwise.
CREATE TABLE held_mails (
  id TEXT PRIMARY KEY,
  recipient {bytes} NOT NULL,
  sealed {bytes} NOT NULL,
  position {long} NOT NULL,
  attempts {long} NOT NULL,
  created {long} NOT NULL,
  next {long} NOT NULL,
  expires {long} NOT NULL
) {strict};
CREATE INDEX held_mails_expires ON held_mails (expires);
