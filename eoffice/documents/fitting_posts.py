"""Under which of a person's posts a piece of work waits, and what is done to it is recorded (ADR 0036).

Nothing here reads the database: a row knows its units, an actor his posts.
"""

from __future__ import annotations

from django.db.models import Q

from eoffice.documents.models import Assignment, Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import assignments as line_rules
from eoffice.organization.actor import Actor, PostSummary
from eoffice.organization.errors import OtherPost, PostNeeded
from eoffice.organization.models import Role

Posts = tuple[PostSummary, ...]
_OFFICE = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER)


def of_this_post(actor: Actor, prefix: str = "") -> Q:
    """The condition that work does not wait under another post of the actor; no condition for one post or all."""
    if not actor.elsewhere:
        return Q()
    return ~Q(**{f"{prefix}registry_id__in": sorted(actor.elsewhere)})


def posts_for_letter(actor: Actor, incoming: IncomingDocument) -> Posts:
    """The posts with a part in the office or the leadership of its registry, else those the registry serves."""
    return actor.posts_with(incoming.registry_id, *_OFFICE) or _served_by(actor, incoming.registry_id)


def posts_for_line(actor: Actor, line: Assignment) -> Posts:
    """The posts that hold a line; for who gave it, those that held the line above, or the letter."""
    if line_rules.can_accept(actor, line):
        return _holding(actor, line)
    if line.parent is not None:
        return _holding(actor, line.parent)
    return posts_for_letter(actor, line.incoming)


def posts_for_draft(actor: Actor, draft: Draft) -> Posts:
    """The posts in the drafting unit, else those with a part in the registry, else those the registry serves."""
    return (
        tuple(post for post in actor.posts if post.unit_id == draft.unit_id)
        or actor.posts_with(draft.registry_id, *_OFFICE)
        or _served_by(actor, draft.registry_id)
    )


def post_words(posts: Posts) -> str:
    """How a row says it; several are said by their number, since none of them is meant before the others."""
    return posts[0].words if len(posts) == 1 else f"{len(posts)} chức danh"


def _holding(actor: Actor, line: Assignment) -> Posts:
    if line.unit_id is not None:
        return actor.posts_with(line.unit_id, Role.UNIT_HEAD, Role.CLERK) or _in_unit(actor, line.unit_id)
    above = line.parent.unit_id if line.parent is not None else None
    return (_in_unit(actor, above) if above else ()) or _served_by(actor, line.incoming.registry_id)


def _in_unit(actor: Actor, unit_id: int) -> Posts:
    return tuple(post for post in actor.posts if post.unit_id == unit_id)


def _served_by(actor: Actor, registry_id: int) -> Posts:
    return tuple(post for post in actor.posts if post.registry_id == registry_id) or actor.posts


# Settling, in services ---------------------------------------------------------------------------------------


def at_letter(actor: Actor, incoming: IncomingDocument) -> Actor:
    """The actor at the post under which he does something to a letter. Raises OtherPost, PostNeeded."""
    if len(actor.posts) < 2:
        return actor
    return _settled(actor, posts_for_letter(actor, incoming), incoming.registry_id)


def at_line(actor: Actor, line: Assignment) -> Actor:
    """The same for a line. Raises OtherPost, PostNeeded."""
    if len(actor.posts) < 2:
        return actor
    return _settled(actor, posts_for_line(actor, line), line.incoming.registry_id)


def at_draft(actor: Actor, draft: Draft) -> Actor:
    """The same for a draft. Raises OtherPost, PostNeeded."""
    if len(actor.posts) < 2:
        return actor
    return _settled(actor, posts_for_draft(actor, draft), draft.registry_id)


def at_signature(actor: Actor, draft: Draft) -> Actor:
    """The same for a signature: the registry it is given for decides, and the main one of several posts there.

    Nobody is asked: a batch of papers is signed by then, and the capacity says in which form. Raises OtherPost.
    """
    fit = actor.posts_with(draft.registry_id, *_OFFICE) or _served_by(actor, draft.registry_id)
    if draft.registry_id in actor.elsewhere:
        raise OtherPost("; ".join(post.words for post in fit))
    return actor.working_as(fit[0].posting_id) if actor.in_all_posts and fit else actor


def at_outgoing(actor: Actor, outgoing: OutgoingDocument) -> Actor:
    """The same for an issued document, which its registry keeps. Raises OtherPost, PostNeeded."""
    return at_registry(actor, outgoing.registry_id)


def at_registry(actor: Actor, registry_id: int) -> Actor:
    """The same for what is new in a registry. Raises OtherPost, PostNeeded."""
    if len(actor.posts) < 2:
        return actor
    fit = actor.posts_with(registry_id, *_OFFICE) or _served_by(actor, registry_id)
    return _settled(actor, fit, registry_id)


def at_unit(actor: Actor, unit_id: int) -> Actor:
    """The same for what is begun in the name of a unit. Raises PostNeeded."""
    if not actor.in_all_posts:
        return actor
    fit = _in_unit(actor, unit_id) or actor.posts_with(unit_id, Role.UNIT_HEAD, Role.SECRETARY) or actor.posts
    if len(fit) > 1:
        raise PostNeeded([(post.posting_id, post.words) for post in fit])
    return actor.working_as(fit[0].posting_id)


def without_asking(actor: Actor, incoming: IncomingDocument) -> Actor:
    """The same for a remark, a link, a mark of reading: where several fit, the main one of them is as good."""
    if not actor.in_all_posts:
        return actor
    return actor.working_as(posts_for_letter(actor, incoming)[0].posting_id)


def _settled(actor: Actor, fit: Posts, registry_id: int) -> Actor:
    if not actor.is_himself:
        return actor  # a delegation works in the giver's units
    if registry_id in actor.elsewhere:
        raise OtherPost("; ".join(post.words for post in fit))
    if not actor.in_all_posts:
        return actor
    if len(fit) > 1:
        raise PostNeeded([(post.posting_id, post.words) for post in fit])
    return actor.working_as(fit[0].posting_id)
