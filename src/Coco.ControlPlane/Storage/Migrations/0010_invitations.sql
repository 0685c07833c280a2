-- Invitations by link. The link's secret is never here; what strangers leave is capped and goes with the invitation.

CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  sub_cluster TEXT,
  state TEXT NOT NULL,
  created {long} NOT NULL,
  expires {long} NOT NULL,
  version {long} NOT NULL
) {strict};
CREATE INDEX invitations_network ON invitations (network, id);
CREATE INDEX invitations_expires ON invitations (expires);

CREATE TABLE invitation_requests (
  id TEXT PRIMARY KEY,
  invitation TEXT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
  node TEXT NOT NULL,
  information TEXT NOT NULL,
  mac TEXT NOT NULL,
  admission TEXT,
  created {long} NOT NULL
) {strict};
CREATE INDEX invitation_requests_invitation ON invitation_requests (invitation, id);
