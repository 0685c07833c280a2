-- How the network that a node is served for has shown that the node's own key agreed: 0 not at all, 1 by what the node signed, 2 by the node's own connection.
ALTER TABLE relay_nodes ADD COLUMN proof {long} NOT NULL DEFAULT 0;
-- Other networks that have the node in their books too: they are not served for it, and the best of them is when the one that is has it no more.
CREATE TABLE relay_claims (
  node TEXT NOT NULL,
  network TEXT NOT NULL,
  proof {long} NOT NULL,
  PRIMARY KEY (node, network)
) {strict};
CREATE INDEX relay_claims_network ON relay_claims (network);
