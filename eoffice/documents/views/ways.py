"""What a page says of the way of signing that was chosen on it."""

from __future__ import annotations

from eoffice.core.paging import whole_number
from eoffice.organization.middleware import ActorRequest


def chosen_way(request: ActorRequest) -> int:
    """The key of the chosen way of signing; 0 is the key kept in this installation, opened by a PIN."""
    return whole_number(request.POST.get("way", "")) or 0


def typed_for(request: ActorRequest, method_id: int) -> dict[str, str]:
    """What was typed for a service that asks for something (`Signer.asks`), by its name."""
    start = f"typed-{method_id}-"
    return {
        name.removeprefix(start): str(request.POST[name])
        for name in request.POST
        if name.startswith(start) and request.POST[name]
    }
