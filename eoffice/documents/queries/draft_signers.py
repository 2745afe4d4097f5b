"""Who may be chosen to sign a draft, and who may not for its field of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.core.clock import local_date
from eoffice.documents.models import Draft
from eoffice.organization import queries as organization
from eoffice.organization.models import FieldOfWork, SigningCapacity


@dataclass(frozen=True, slots=True)
class Signers:
    """`possible` may sign the draft today; `outside` could if it were in another field. `fields` may be chosen.

    `chosen` is the signer on the form: he stays in the choice although the field was changed after him, so that
    what is typed is saved; sending says why he cannot sign.
    """

    possible: list[SigningCapacity]
    outside: list[SigningCapacity]
    fields: list[FieldOfWork]
    has_field: bool
    chosen: int | None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Key and words of each signer to choose from."""
        kept = [each for each in self.outside if each.pk == self.chosen]
        return [
            *((str(each.pk), _words(each)) for each in self.possible),
            *((str(each.pk), f"{_words(each)}, không ký lĩnh vực này") for each in kept),
        ]

    @property
    def outside_words(self) -> str:
        """`Không hiện Lê Minh Đức (Đầu tư): …`, with what to do; empty where nobody is left out."""
        shown = {each.person_id for each in self.possible}
        hidden = [each for each in self.outside if each.person_id not in shown]
        if not hidden:
            return ""
        names = {each.pk: each.name for each in self.fields}
        people = dict.fromkeys(
            f"{each.person.full_name} ({', '.join(names.get(key, 'lĩnh vực đã đóng') for key in each.fields_of_work)})"
            for each in hidden
        )
        why = "chỉ ký lĩnh vực khác" if self.has_field else "văn bản chưa ghi lĩnh vực, chọn ở trên để hiện"
        return f"Không hiện {'; '.join(people)}: {why}."


def _words(capacity: SigningCapacity) -> str:
    return f"{capacity.person.full_name} ({' / '.join(capacity.block_lines)})"


def signers_of(
    draft: Draft, *, document_type: str, field_of_work_id: int | None, chosen: int | None, now: datetime
) -> Signers:
    """Who may sign such a draft today, in which form. Two statements."""
    found = organization.capacities_for(registry_id=draft.registry_id, document_type=document_type, on=local_date(now))
    return Signers(
        possible=[each for each in found if each.covers_field(field_of_work_id)],
        outside=[each for each in found if not each.covers_field(field_of_work_id)],
        fields=organization.offered_fields(besides=draft.field_of_work_id),
        has_field=field_of_work_id is not None,
        chosen=chosen,
    )
