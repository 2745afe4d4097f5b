"""Asks a waiting LibreOffice for one PDF: `/usr/bin/python3 office_bridge.py PIPE IN IMPORT OUT EXPORT`.

Runs under the system's Python, which has `uno`; the house's own has not. Exit 0 done, 3 the document could
not be loaded or written, 4 LibreOffice does not answer.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any, Final

DONE: Final = 0
DOCUMENT_REFUSED: Final = 3
NO_ANSWER: Final = 4
_CONNECT_S: Final = 30.0
_NEVER_EXECUTE_MACROS: Final = 0
_NO_UPDATE_OF_LINKS: Final = 0
_PDF_A_2B: Final = 2


def main(arguments: list[str]) -> int:
    pipe, source, import_filter, target, export_filter = arguments
    # Only the system's Python has these modules, and they bring no types.
    import uno  # type: ignore[import-not-found]  # noqa: PLC0415
    from com.sun.star.uno import (  # type: ignore[import-not-found]  # noqa: PLC0415
        Exception as UnoException,
    )

    desktop = _desktop(uno, pipe)
    if desktop is None:
        return NO_ANSWER
    document = None
    try:
        document = desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(source),
            "_blank",
            0,
            _properties(
                Hidden=True,
                FilterName=import_filter,
                MacroExecutionMode=_NEVER_EXECUTE_MACROS,
                UpdateDocMode=_NO_UPDATE_OF_LINKS,
            ),
        )
        if document is None:
            return DOCUMENT_REFUSED
        document.storeToURL(uno.systemPathToFileUrl(target), _export(uno, export_filter))
    except UnoException as error:
        print(type(error).__name__, file=sys.stderr)  # noqa: T201 - the caller logs it
        return DOCUMENT_REFUSED
    finally:
        if document is not None:
            document.close(True)
    return DONE


def _desktop(uno: Any, pipe: str) -> Any:  # noqa: ANN401 - UNO has no types
    from com.sun.star.connection import (  # type: ignore[import-not-found]  # noqa: PLC0415 - as above
        NoConnectException,
    )

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    give_up = time.monotonic() + _CONNECT_S
    while time.monotonic() < give_up:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.05)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    return None


def _export(uno: Any, export_filter: str) -> tuple[Any, ...]:  # noqa: ANN401 - UNO has no types
    if not export_filter.endswith("pdf_Export"):
        return _properties(FilterName=export_filter, FilterOptions="UTF8,LF")
    options = uno.Any(
        "[]com.sun.star.beans.PropertyValue",
        _properties(SelectPdfVersion=_PDF_A_2B, ExportBookmarks=False, UseLosslessCompression=False, Quality=90),
    )
    return _properties(FilterName=export_filter, FilterData=options)


def _properties(**values: object) -> tuple[Any, ...]:
    from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    made = []
    for name, value in values.items():
        one = PropertyValue()
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # UNO's own threads may still run: taking the interpreter down beside them crashes now and then (SIGSEGV).
    os._exit(status)
