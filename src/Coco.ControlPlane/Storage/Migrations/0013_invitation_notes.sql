-- Notes that went to people who were invited, for a day, to count them; and who wants none. Addresses are keyed hashes.
CREATE TABLE invitation_notes (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  network TEXT NOT NULL,
  invitation TEXT NOT NULL,
  recipient {bytes} NOT NULL,
  created {long} NOT NULL
) {strict};
CREATE INDEX invitation_notes_account ON invitation_notes (account, created);
CREATE INDEX invitation_notes_network ON invitation_notes (network, created);
CREATE INDEX invitation_notes_invitation ON invitation_notes (invitation);
CREATE INDEX invitation_notes_recipient ON invitation_notes (recipient, created);
CREATE INDEX invitation_notes_created ON invitation_notes (created);

CREATE TABLE note_refusals (
  recipient {bytes} PRIMARY KEY,
  created {long} NOT NULL
) {strict};
