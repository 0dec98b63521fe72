"""The best that is left: a forecaster who knows the simulated league's laws, and of the men what they did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.seasons import RealSeason
from shared.modeling.distribution import Floats
from simulator.league import SimulatedLeague
from simulator.league.outcomes import home_field_shift, platoon_shift
from simulator.league.season import LeagueSeason
from simulator.league.talent import COMPONENTS, talent_prior

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
class TalentPosterior:
    """What is believed of a season's men, in the order of its abilities: (men, components) each."""

    mean: Floats
    variance: Floats

    def updated_with(self, surprise: Floats, information: Floats) -> "TalentPosterior":
        """Return what is believed once more turns were seen: Bayes' rule, linear about the means."""
        variance = 1 / (1 / self.variance + information)
        return TalentPosterior(self.mean + variance * surprise, variance)


def oracle_forecasts(
    league: SimulatedLeague, seasons: Sequence[RealSeason], games: Sequence[int], replays: int
) -> Floats:
    """Return the home club's chance in `games` of the last of `seasons`, each as of the day before it.

    Known are the season's level, parks, platoon, weather and umpires, both managers' plans and rules, and how
    talents spread by place on the roster and change over a winter; of a man's talents, only what his turns
    since the first of `seasons` tell. Every club's men are taken for average ones, and means for talents.
    """
    believed: dict[int, tuple[Floats, Floats]] = {}
    for past_season in seasons[:-1]:
        year = league.get_season(past_season.year)
        beliefs = _preseason_beliefs(year, believed)
        for plays in past_season.plays.partition_by("game_date"):
            beliefs = _update_with_day(league, year, beliefs, plays)
        believed = _beliefs_by_player(year, beliefs)
    last = league.get_season(seasons[-1].year)
    beliefs, chances = _preseason_beliefs(last, believed), {}
    known = seasons[-1].games.select("game_pk", "completed_date")
    by_day = seasons[-1].plays.join(known, on="game_pk").partition_by("completed_date", as_dict=True)
    dates = dict(seasons[-1].games.select("game_pk", "game_date").iter_rows())
    for day in sorted({*dates.values(), *(done for (done,) in by_day)}):
        for game in (game for game in games if dates[game] == day):
            chances[game] = _home_win_probability(league, last, beliefs, game, replays)
        if (day,) in by_day:
            beliefs = _update_with_day(league, last, beliefs, by_day[day,])
    return np.array([chances[game] for game in games])


def _preseason_beliefs(year: LeagueSeason, believed: dict[int, tuple[Floats, Floats]]) -> TalentPosterior:
    """Return what is believed of a season's men before it, from what was after the season before."""
    slots = {man: slot for squad in year.squads.values() for slot, man in enumerate(squad.players)}
    mean, spread, kept = talent_prior(np.array([slots[man] for man in year.abilities.row]))
    old = [believed.get(man, (mean[n], spread[n] ** 2)) for n, man in enumerate(year.abilities.row)]
    was, uncertain = (np.stack(part) for part in zip(*old, strict=True))
    return TalentPosterior(mean + kept * (was - mean), kept**2 * uncertain + (1 - kept**2) * spread**2)


def _beliefs_by_player(year: LeagueSeason, beliefs: TalentPosterior) -> dict[int, tuple[Floats, Floats]]:
    return {man: (beliefs.mean[n], beliefs.variance[n]) for man, n in year.abilities.row.items()}


def _update_with_day(
    league: SimulatedLeague, year: LeagueSeason, beliefs: TalentPosterior, plays: pl.DataFrame
) -> TalentPosterior:
    """Return what is believed once the turns of a day are known."""
    plate_appearances = plays.filter("is_plate_appearance")
    row_by_player = year.abilities.row
    batters, pitchers = (
        [row_by_player[man] for man in plate_appearances[f"{role}_id"]] for role in ("batter", "pitcher")
    )
    chance = 1 / (1 + np.exp(-_outcome_logits(league, year, beliefs, plate_appearances, batters, pitchers)))
    happened, counted = (
        plate_appearances.select(
            pair[which].alias(name) for name, pair in zip(COMPONENTS, _COUNTED, strict=True)
        )
        .to_numpy()
        .astype(float)
        for which in (0, 1)
    )
    surprise, information = np.zeros_like(beliefs.mean), np.zeros_like(beliefs.mean)
    for who in (batters, pitchers):
        np.add.at(surprise, who, counted * (happened - chance))
        np.add.at(information, who, counted * chance * (1 - chance))
    return beliefs.updated_with(surprise, information)


def _outcome_logits(
    league: SimulatedLeague,
    year: LeagueSeason,
    beliefs: TalentPosterior,
    plate_appearances: pl.DataFrame,
    batters: Sequence[int],
    pitchers: Sequence[int],
) -> Floats:
    games = plate_appearances["game_pk"].unique().to_list()
    place = {game: league.environment_shift(game) for game in games}
    environment = np.stack([place[game] for game in plate_appearances["game_pk"]])
    side = np.where(
        plate_appearances["is_top"].to_numpy()[:, None],
        home_field_shift(home_bats=False),
        home_field_shift(home_bats=True),
    )
    same_hand = platoon_shift(year.abilities.hand[batters], year.abilities.hand[pitchers])
    talents = beliefs.mean[batters] + beliefs.mean[pitchers]
    logits: NDArray[np.float64] = year.abilities.level + environment + side + same_hand + talents
    return logits


def _home_win_probability(
    league: SimulatedLeague, year: LeagueSeason, beliefs: TalentPosterior, game_pk: int, replays: int
) -> float:
    believed = replace(year.abilities, talent=beliefs.mean)
    return league.win_probability(game_pk, believed, replays)
