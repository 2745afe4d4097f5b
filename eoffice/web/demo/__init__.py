"""The fictional group that comes up with `eoffice up --demo`, made through the services like real work."""
