"""The best that is left: a forecaster who knows the simulated league's laws, and of the men what they did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.seasons import RealSeason
from shared.modeling.distribution import Floats
from simulator.league import SimulatedLeague
from simulator.league.outcomes import home_edge, platoon
from simulator.league.season import Season
from simulator.league.talent import COMPONENTS, prior

_WALKS, _EXTRA_BASES = ("walk", "hit_by_pitch"), ("double", "triple")
_IN_PLAY = pl.col("outcome").is_in(["strikeout", *_WALKS, "home_run"]).not_()
_HIT = pl.col("outcome").is_in(["single", *_EXTRA_BASES])
# Of each component: what counts, and among which turns
_COUNTED = (
    (pl.col("outcome") == "strikeout", pl.lit(value=True)),
    (pl.col("outcome").is_in(_WALKS), pl.lit(value=True)),
    (pl.col("outcome") == "home_run", _IN_PLAY | (pl.col("outcome") == "home_run")),
    (_HIT, _IN_PLAY),
    (pl.col("outcome").is_in(_EXTRA_BASES), _HIT),
)


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What is believed of a season's men, in the order of its abilities: (men, components) each."""

    mean: Floats
    variance: Floats

    def after(self, surprise: Floats, information: Floats) -> "Beliefs":
        """Return what is believed once more turns were seen: Bayes' rule, linear about the means."""
        variance = 1 / (1 / self.variance + information)
        return Beliefs(self.mean + variance * surprise, variance)


def forecasts(
    league: SimulatedLeague, seasons: Sequence[RealSeason], games: Sequence[int], replays: int
) -> Floats:
    """Return the home club's chance in `games` of the last of `seasons`, each as of the day before it.

    Known are the season's level, parks, platoon, weather and umpires, both managers' plans and rules, and how
    talents spread by place on the roster and change over a winter; of a man's talents, only what his turns
    since the first of `seasons` tell. Every club's men are taken for average ones, and means for talents.
    """
    believed: dict[int, tuple[Floats, Floats]] = {}
    for told in seasons[:-1]:
        year = league.season(told.year)
        beliefs = _in_spring(year, believed)
        for plays in told.plays.partition_by("game_date"):
            beliefs = _after_day(league, year, beliefs, plays)
        believed = _by_man(year, beliefs)
    last = league.season(seasons[-1].year)
    beliefs, chances = _in_spring(last, believed), {}
    known = seasons[-1].games.select("game_pk", "completed_date")
    by_day = seasons[-1].plays.join(known, on="game_pk").partition_by("completed_date", as_dict=True)
    dates = dict(seasons[-1].games.select("game_pk", "game_date").iter_rows())
    for day in sorted({*dates.values(), *(done for (done,) in by_day)}):
        for game in (game for game in games if dates[game] == day):
            chances[game] = _chance(league, last, beliefs, game, replays)
        if (day,) in by_day:
            beliefs = _after_day(league, last, beliefs, by_day[day,])
    return np.array([chances[game] for game in games])


def _in_spring(year: Season, believed: dict[int, tuple[Floats, Floats]]) -> Beliefs:
    """Return what is believed of a season's men before it, from what was after the season before."""
    slots = {man: slot for squad in year.squads.values() for slot, man in enumerate(squad.men)}
    mean, spread, kept = prior(np.array([slots[man] for man in year.abilities.row]))
    old = [believed.get(man, (mean[n], spread[n] ** 2)) for n, man in enumerate(year.abilities.row)]
    was, uncertain = (np.stack(part) for part in zip(*old, strict=True))
    return Beliefs(mean + kept * (was - mean), kept**2 * uncertain + (1 - kept**2) * spread**2)


def _by_man(year: Season, beliefs: Beliefs) -> dict[int, tuple[Floats, Floats]]:
    return {man: (beliefs.mean[n], beliefs.variance[n]) for man, n in year.abilities.row.items()}


def _after_day(league: SimulatedLeague, year: Season, beliefs: Beliefs, plays: pl.DataFrame) -> Beliefs:
    """Return what is believed once the turns of a day are known."""
    turns = plays.filter("is_plate_appearance")
    men = year.abilities.row
    batters, pitchers = ([men[man] for man in turns[f"{role}_id"]] for role in ("batter", "pitcher"))
    chance = 1 / (1 + np.exp(-_logits(league, year, beliefs, turns, batters, pitchers)))
    happened, counted = (
        turns.select(pair[which].alias(name) for name, pair in zip(COMPONENTS, _COUNTED, strict=True))
        .to_numpy()
        .astype(float)
        for which in (0, 1)
    )
    surprise, information = np.zeros_like(beliefs.mean), np.zeros_like(beliefs.mean)
    for who in (batters, pitchers):
        np.add.at(surprise, who, counted * (happened - chance))
        np.add.at(information, who, counted * chance * (1 - chance))
    return beliefs.after(surprise, information)


def _logits(
    league: SimulatedLeague,
    year: Season,
    beliefs: Beliefs,
    turns: pl.DataFrame,
    batters: Sequence[int],
    pitchers: Sequence[int],
) -> Floats:
    games = turns["game_pk"].unique().to_list()
    place = {game: league.place(game) for game in games}
    surroundings = np.stack([place[game] for game in turns["game_pk"]])
    side = np.where(
        turns["is_top"].to_numpy()[:, None], home_edge(home_bats=False), home_edge(home_bats=True)
    )
    same_hand = platoon(year.abilities.hand[batters], year.abilities.hand[pitchers])
    talents = beliefs.mean[batters] + beliefs.mean[pitchers]
    logits: NDArray[np.float64] = year.abilities.level + surroundings + side + same_hand + talents
    return logits


def _chance(league: SimulatedLeague, year: Season, beliefs: Beliefs, game_pk: int, replays: int) -> float:
    believed = replace(year.abilities, talent=beliefs.mean)
    return league.win_probability(game_pk, believed, replays)
