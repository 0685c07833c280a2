-- Where services of apps hear of events, and what is still to be told: written in the transaction of the change.

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  app TEXT NOT NULL REFERENCES apps (id),
  url TEXT NOT NULL,
  secret {bytes} NOT NULL,
  events TEXT NOT NULL,
  state TEXT NOT NULL,
  created {long} NOT NULL,
  version {long} NOT NULL
) {strict};
CREATE INDEX webhooks_app ON webhooks (app, id);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  position {long} NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts {long} NOT NULL,
  status {long},
  created {long} NOT NULL,
  next {long} NOT NULL
) {strict};
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (webhook, state, position);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, next);

-- What one instance at a time does.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until {long} NOT NULL
) {strict};
