"""What may change after a signature: the library's rules, with two allowances that real ministries' files need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    QualifiedWhitelistRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import ACROFORM_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FieldComparisonSpec, FormUpdate
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from eoffice.signing.engine.annotations import AnnotationsAdded


class _ForgivesUnusedNumbers(StandardDiffPolicy):
    """Refuses the freeing of objects that existed; lets pass numbers that were never in use.

    Widespread signing programs list the unused numbers of each update as free.
    """

    def apply(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        field_mdp_spec: FieldMDPSpec | None = None,
        doc_mdp: MDPPerm | None = None,
    ) -> DiffResult:
        _refuse_redrawing(old.root, new.root)
        for reference in new.refs_freed_in_revision():  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
            if _was_in_use(old, reference.idnum):
                raise SuspiciousModification(f"object {reference.idnum} was freed")
        return super().apply(old, new, field_mdp_spec, doc_mdp)


def _refuse_redrawing(old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
    """Refuse what makes viewers draw fields anew from their values, in a font of the changer's choice.

    With NeedAppearances the drawings that were signed are not what is seen; it may be taken away, never added, and
    where it stands the fonts and rules to draw by must stay.
    """
    before, after = (_form_of(root) for root in (old, new))
    if not _is_set(after, "/NeedAppearances"):
        return
    if not _is_set(before, "/NeedAppearances"):
        raise SuspiciousModification("fields are to be drawn anew")
    for key in ("/DR", "/DA", "/Q"):
        if key in before and (key not in after or not _keeps(before[key], after[key])):
            raise SuspiciousModification(f"{key} of fields to be drawn anew was changed")


def _form_of(root: generic.DictionaryObject) -> generic.DictionaryObject:
    form = root["/AcroForm"] if "/AcroForm" in root else None  # noqa: SIM401 - `get` leaves references
    return form if isinstance(form, generic.DictionaryObject) else generic.DictionaryObject()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped


def _is_set(form: generic.DictionaryObject, key: str) -> bool:
    return key in form and bool(form[key])


def _keeps(before: generic.PdfObject, after: generic.PdfObject, depth: int = 0) -> bool:
    """Whether everything that stood still stands; entries may be added."""
    if depth < 3 and isinstance(before, generic.DictionaryObject) and isinstance(after, generic.DictionaryObject):
        return all(key in after and _keeps(before.raw_get(key), after.raw_get(key), depth + 1) for key in before)
    return bool(before == after)


class _OnlyWhatWasWritten(GenericFieldModificationRule):
    """Judges a text field by what the revision wrote; pyHanko also reports drawings that stand unchanged.

    Without this, validation data added after a seal that locks everything would count as a change of the number.
    """

    def check_form_field(
        self, fq_name: str, spec: FieldComparisonSpec, context: FieldComparisonContext
    ) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        written = context.new.explicit_refs_in_revision()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        for level, update in super().check_form_field(fq_name, spec, context):
            if update.updated_ref in written:
                yield level, update


def _was_in_use(old: HistoricalResolver, number: int) -> bool:
    cache = old.reader.xrefs
    return any(
        cache.get_historical_ref(Reference(number, generation, pdf=old.reader), old.revision) is not None
        for generation in range(8)
    )


def _policy(form_keys: frozenset[str], *further: QualifiedWhitelistRule) -> StandardDiffPolicy:
    return _ForgivesUnusedNumbers(
        global_rules=[
            CatalogModificationRule(),  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
            DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
            XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
            ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
            DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
            MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
            *further,
        ],
        form_rule=FormUpdatingRule(
            field_rules=[
                # After a certification that permits signing, ministries add visible fields for leader, clerk and seal;
                # the new field itself is then held to be a valid signature (`checking`).
                SigFieldCreationRule(allow_new_visible_after_certify=True),  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
                SigFieldModificationRule(),
                _OnlyWhatWasWritten(),
            ],
            ignored_acroform_keys=form_keys,
        ),
        reject_object_freeing=False,
    )


POLICY: Final = _policy(ACROFORM_EXEMPT_STRICT_COMPARISON, AnnotationsAdded())
SIGNING_POLICY: Final = _policy(ACROFORM_EXEMPT_STRICT_COMPARISON)
"""What a signature itself may change: its field, and no comment beside it."""
FIRST_SIGNING_POLICY: Final = _policy(ACROFORM_EXEMPT_STRICT_COMPARISON | {"/SigFlags"})
"""The same where there was none: the form then says that there is one (ISO 32000, 12.7.3)."""
