"""Directories that give the same rows as a file: LDAP, SCIM."""
