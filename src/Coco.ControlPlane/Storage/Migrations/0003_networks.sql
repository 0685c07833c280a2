-- Networks, and which accounts and apps are what in them. Who belongs is decided by signed statements; these rows follow from those.

-- owner_account and owner_app have shown that they hold the key of the owner in office; null until somebody has.
CREATE TABLE networks (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  owner_account TEXT REFERENCES accounts (id),
  owner_app TEXT REFERENCES apps (id),
  profile TEXT NOT NULL DEFAULT 'private',
  statements {long} NOT NULL DEFAULT 0,
  statement_bytes {long} NOT NULL DEFAULT 0,
  created {long} NOT NULL,
  version {long} NOT NULL
) {strict};
CREATE INDEX networks_owner_account ON networks (owner_account, id);
CREATE INDEX networks_owner_app ON networks (owner_app, id);

-- Accounts that have shown which user of the network they are. The role is the user's.
CREATE TABLE network_people (
  network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES accounts (id),
  user_id TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL,
  PRIMARY KEY (network, account)
) {strict};
CREATE INDEX network_people_account ON network_people (account, network);

-- What was signed, in the order of arrival, numbered from 1 without gaps.
CREATE TABLE network_statements (
  network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  number {long} NOT NULL,
  id TEXT NOT NULL,
  statement {bytes} NOT NULL,
  PRIMARY KEY (network, number)
) {strict};

-- Nodes by the certificates that admit them. Name and sub-cluster are the present ones; install is what the service of the node's app calls it.
CREATE TABLE network_nodes (
  network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  node TEXT NOT NULL,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  app TEXT NOT NULL,
  sub_cluster TEXT NOT NULL,
  certificate {bytes} NOT NULL,
  external_user TEXT,
  install TEXT NOT NULL,
  created {long} NOT NULL,
  version {long} NOT NULL,
  PRIMARY KEY (network, node)
) {strict};
CREATE INDEX network_nodes_sub_cluster ON network_nodes (network, sub_cluster, node);
CREATE INDEX network_nodes_user ON network_nodes (network, user_id, node);
CREATE INDEX network_nodes_name ON network_nodes (network, name, node);
CREATE INDEX network_nodes_external_user ON network_nodes (network, external_user, node);
CREATE INDEX network_nodes_install ON network_nodes (app, install);

-- How many nodes a sub-cluster has, and all together in the row without a name. In pieces, so that many may be created at once.
CREATE TABLE network_counts (
  network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  sub_cluster TEXT NOT NULL,
  piece {long} NOT NULL,
  nodes {long} NOT NULL,
  PRIMARY KEY (network, sub_cluster, piece)
) {strict};
