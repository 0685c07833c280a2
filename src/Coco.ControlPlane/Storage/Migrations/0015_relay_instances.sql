-- Relays that serve now, each by what its clients have to know to go there. An instance says so again and again, and takes its row away when it stops.
CREATE TABLE relay_instances (
  relay TEXT PRIMARY KEY,
  info {bytes} NOT NULL,
  at {long} NOT NULL
) {strict};
