"""The leak alarm: a score better than any honest forecast has reached is a bug until proven otherwise."""

from shared.modeling.manifest import Evaluation
from shared.modeling.target import Target

MIN_GAMES = 800  # judged on fewer, an honest forecast may look this good by chance


def plausibility_warnings(target: Target, evaluation: Evaluation) -> list[str]:
    """Return a sentence for a score that is too good to be true on real seasons; nothing on few games.

    The bound and the score are both log losses of the whole distribution of counts; the score must be below
    by two standard errors.
    """
    ours = evaluation.ours
    if evaluation.games < MIN_GAMES or ours.log_loss + 2 * ours.log_loss_se >= target.bound:
        return []
    found = f"{target.name}: log loss {ours.log_loss:.4f} over {evaluation.games} games"
    return [f"{found}, expected at least {target.bound}: look for a leak"]
