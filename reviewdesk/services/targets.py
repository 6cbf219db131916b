"""Within which time reviews want their answers, as the settings say it."""

from __future__ import annotations

from reviewdesk.domain import targets
from reviewdesk.domain.targets import WorkingHours
from reviewdesk.services.settings import ANSWER_WITHIN_H, WORK_DAYS, WORK_FROM, WORK_UNTIL, SettingsService

__all__ = ["late_before", "target_h", "working_hours"]


def working_hours(settings: SettingsService) -> WorkingHours:
    """The hours in which the clock of a target runs."""
    days = frozenset(int(day) for day in settings.get(WORK_DAYS))
    return WorkingHours(days, settings.get(WORK_FROM), settings.get(WORK_UNTIL))


def target_h(settings: SettingsService) -> int:
    """Hours of working time within which an answer is wanted; 0: there is no target."""
    return settings.get(ANSWER_WITHIN_H)


def late_before(settings: SettingsService, now: float) -> int | None:
    """What waits for an answer and was written before this second (UTC) is overdue at ``now``; None: no target."""
    return targets.late_before(now, target_h(settings) * 3600, working_hours(settings))
