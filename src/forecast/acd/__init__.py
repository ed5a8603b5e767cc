"""ACD exports -> HISTORY, with a ledger of every row and a quarantine of the bad ones."""
