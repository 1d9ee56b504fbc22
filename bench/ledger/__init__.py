"""How fast the ledger is written: postings in batches and one by one, beside the same rows by plain INSERT and COPY."""
