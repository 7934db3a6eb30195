"""Jobs in the background of a server: how one ends is kept as a state, for who asks after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nof1.errors import Nof1Error


class Job(Protocol):
    """What is told of a job: ``running``, ``done`` or ``failed``, and why it failed."""

    state: str
    error: str


class Ended(Exception):
    """The server is being stopped; the job begins again with it."""


def is_settled(job: Job, work: Callable[[], None]) -> bool:
    """Does the work and notes how it ended; False when the server is being stopped, and nothing is to be noted."""
    try:
        work()
    except Ended:
        return False
    except (Nof1Error, OSError) as error:
        job.state, job.error = "failed", str(error)
    except Exception as error:  # the edge of this thread: who asks must hear of it
        job.state, job.error = "failed", f"a fault of this server: {type(error).__name__}"
    else:
        job.state = "done"
    return True
