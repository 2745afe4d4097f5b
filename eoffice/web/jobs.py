"""Background entries of the shell: the rest of the demo, one story at a time."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.core import clock
from eoffice.core.jobs import RETRY
from eoffice.web.demo import filling


@app.task(name="web.play_demo_story", queue="demo", lock="demo", retry=RETRY)
def play_demo_story(*, position: int) -> None:
    """Play one story and ask for the next; a repeated job finds its story played."""
    filling.play(position, now=clock.now())
    following = filling.next_position()
    if following is not None and following != position:
        play_demo_story.defer(position=following)
