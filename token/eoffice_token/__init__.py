"""The agent on a person's computer that lets a page of eOffice sign hashes with a PKCS#11 token."""
