"""The ASGI entry point of the events process alone: `granian --interface asgi eoffice.asgi:application`.

Pages are served over WSGI (twice as fast here, see docs/adr/0002); this process only holds open event streams.
"""

from __future__ import annotations

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eoffice.settings")
django.setup()
# Loaded only after Django is set up: it reads sessions.
application = import_module("eoffice.web.events").application
