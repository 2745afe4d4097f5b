"""Remote signing services on loopback, true to their documents field by field; each has a phone to confirm on.

By hand: `python -m eoffice.signing.tests.services_outside smartca 8190` (or mysign, csc); the phone is at /phone.
"""
