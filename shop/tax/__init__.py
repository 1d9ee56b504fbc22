"""What is taxed, at which rate and why: rates as data, exemptions with their documents, the snapshot an order keeps."""
