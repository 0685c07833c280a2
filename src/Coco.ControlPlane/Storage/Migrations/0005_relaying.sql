-- Whose nodes the relays serve, what they used, and where they are. Nothing here decides who belongs: the parts that do keep relay_nodes up to date.

CREATE TABLE relay_nodes (
  node TEXT PRIMARY KEY,
  network TEXT NOT NULL
) {strict};
CREATE INDEX relay_nodes_network ON relay_nodes (network, node);

-- Networks that have another plan than the default.
CREATE TABLE relay_plans (
  network TEXT PRIMARY KEY,
  plan TEXT NOT NULL
) {strict};

-- How far each run of an instance has written what it counted: a flush that may have been committed is not written twice.
CREATE TABLE usage_flushes (
  run TEXT PRIMARY KEY,
  number {long} NOT NULL,
  at {long} NOT NULL
) {strict};

-- By calendar months of UTC. warned is the highest percentage of the allowance that an event told of.
CREATE TABLE network_usage (
  network TEXT NOT NULL,
  month TEXT NOT NULL,
  relayed {long} NOT NULL,
  control {long} NOT NULL,
  warned {long} NOT NULL,
  PRIMARY KEY (network, month)
) {strict};

-- The row without a node is of those that could not be told apart.
CREATE TABLE node_usage (
  network TEXT NOT NULL,
  month TEXT NOT NULL,
  node TEXT NOT NULL,
  relayed {long} NOT NULL,
  control {long} NOT NULL,
  PRIMARY KEY (network, month, node)
) {strict};

CREATE TABLE usage_events (
  id TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  month TEXT NOT NULL,
  percent {long} NOT NULL,
  used {long} NOT NULL,
  allowance {long} NOT NULL,
  at {long} NOT NULL
) {strict};
CREATE INDEX usage_events_network ON usage_events (network, at);

-- Newest address records of nodes, for relays of other instances. The sequence has 20 digits, as numbers of the engines have too few.
CREATE TABLE relay_records (
  node TEXT PRIMARY KEY,
  sequence TEXT NOT NULL,
  record {bytes} NOT NULL,
  at {long} NOT NULL
) {strict};
CREATE INDEX relay_records_at ON relay_records (at);
