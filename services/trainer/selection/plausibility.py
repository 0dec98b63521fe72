"""The leak alarm: a score better than any honest forecast has reached is a bug until proven otherwise."""

from shared.modeling.manifest import Evaluation
from shared.modeling.target import Target

MIN_GAMES = 800  # judged on fewer, an honest forecast may look this good by chance


def plausibility_warnings(target: Target, evaluation: Evaluation) -> list[str]:
    """Return a sentence for a score that is too good to be true on real seasons; nothing on few games.

    The bound and the score have one unit: both are of the whole distribution of counts. A log loss must be
    below its bound by two standard errors.
    """
    if evaluation.games < MIN_GAMES:
        return []
    ours, bound = evaluation.ours, target.bound
    score = ours.mae if bound.measure == "mae" else ours.log_loss + 2 * ours.log_loss_se
    if score >= bound.least:
        return []
    found = f"{target.name}: {bound.measure} {score:.4f} over {evaluation.games} games"
    return [f"{found}, expected at least {bound.least}: look for a leak"]
