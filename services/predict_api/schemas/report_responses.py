"""The types of answers about the morning reports; a report itself is a `DailyReport`."""

from datetime import date

from services.predict_api.schemas.responses import Answer, World


class ReportsAnswer(Answer, frozen=True, kw_only=True):
    """The mornings that have a report, newest first."""

    world: World
    mornings: list[date]
