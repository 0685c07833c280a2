-- How many apps people have: counting those at each that is registered would meet everybody who registers one.
CREATE TABLE app_counts (
  account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  apps {long} NOT NULL
) {strict};
INSERT INTO app_counts (account, apps) SELECT owner_account, COUNT(*) FROM apps GROUP BY owner_account;
