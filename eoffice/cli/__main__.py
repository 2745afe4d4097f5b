import sys

from eoffice.cli.main import main

sys.exit(main())
