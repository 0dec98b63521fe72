"""The best possible forecaster of the simulated league: it knows everything but the players' talents."""

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
# Of each component: the event, and the plate appearances that are opportunities for it
_COUNTED = (
    (pl.col("outcome") == "strikeout", pl.lit(value=True)),
    (pl.col("outcome").is_in(_WALKS), pl.lit(value=True)),
    (pl.col("outcome") == "home_run", _IN_PLAY | (pl.col("outcome") == "home_run")),
    (_HIT, _IN_PLAY),
    (pl.col("outcome").is_in(_EXTRA_BASES), _HIT),
)


@dataclass(frozen=True, slots=True)
class TalentPosterior:
    """Normal posterior of a season's talents: arrays (players, components) in the order of its abilities."""

    mean: Floats
    variance: Floats

    def updated_with(self, surprise: Floats, information: Floats) -> "TalentPosterior":
        """Return the posterior after more plate appearances: Bayes' rule, linearised at the means."""
        variance = 1 / (1 / self.variance + information)
        return TalentPosterior(self.mean + variance * surprise, variance)


def oracle_forecasts(
    league: SimulatedLeague, seasons: Sequence[RealSeason], games: Sequence[int], replays: int
) -> Floats:
    """Return home win probabilities of `games` in the last of `seasons`, each as of the day before it.

    The oracle knows the season's level, parks, platoon, weather and umpires, both managers' plans and rules,
    and the distribution of talents by roster slot and over winters. Of a player's own talents it knows only
    what the plate appearances since the first of `seasons` show. Its priors ignore the strength of clubs, and
    posterior means stand in for talents.
    """
    by_player: dict[int, tuple[Floats, Floats]] = {}
    for past_season in seasons[:-1]:
        year = league.get_season(past_season.year)
        posterior = _preseason_posterior(year, by_player)
        for plays in past_season.plays.partition_by("game_date"):
            posterior = _update_with_day(league, year, posterior, plays)
        by_player = _posterior_by_player(year, posterior)
    last = league.get_season(seasons[-1].year)
    posterior, chances = _preseason_posterior(last, by_player), {}
    known = seasons[-1].games.select("game_pk", "completed_date")
    by_day = seasons[-1].plays.join(known, on="game_pk").partition_by("completed_date", as_dict=True)
    dates = dict(seasons[-1].games.select("game_pk", "game_date").iter_rows())
    for day in sorted({*dates.values(), *(done for (done,) in by_day)}):
        for game in (game for game in games if dates[game] == day):
            chances[game] = _home_win_probability(league, last, posterior, game, replays)
        if (day,) in by_day:
            posterior = _update_with_day(league, last, posterior, by_day[day,])
    return np.array([chances[game] for game in games])


def _preseason_posterior(year: LeagueSeason, by_player: dict[int, tuple[Floats, Floats]]) -> TalentPosterior:
    """Return the talents expected before a season, given the posterior after the previous one."""
    slots = {player: slot for squad in year.squads.values() for slot, player in enumerate(squad.players)}
    mean, spread, kept = talent_prior(np.array([slots[player] for player in year.abilities.row]))
    previous = [
        by_player.get(player, (mean[n], spread[n] ** 2)) for n, player in enumerate(year.abilities.row)
    ]
    old_mean, old_variance = (np.stack(part) for part in zip(*previous, strict=True))
    # Over a winter talents regress to the mean of their slot, and new variance replaces what is lost
    return TalentPosterior(
        mean + kept * (old_mean - mean), kept**2 * old_variance + (1 - kept**2) * spread**2
    )


def _posterior_by_player(year: LeagueSeason, posterior: TalentPosterior) -> dict[int, tuple[Floats, Floats]]:
    return {player: (posterior.mean[n], posterior.variance[n]) for player, n in year.abilities.row.items()}


def _update_with_day(
    league: SimulatedLeague, year: LeagueSeason, posterior: TalentPosterior, plays: pl.DataFrame
) -> TalentPosterior:
    """Return the posterior after the plate appearances of a day."""
    plate_appearances = plays.filter("is_plate_appearance")
    row_by_player = year.abilities.row
    batters, pitchers = (
        [row_by_player[player] for player in plate_appearances[f"{role}_id"]]
        for role in ("batter", "pitcher")
    )
    chance = 1 / (1 + np.exp(-_outcome_logits(league, year, posterior, plate_appearances, batters, pitchers)))
    observed, counted = (
        plate_appearances.select(
            pair[part].alias(name) for name, pair in zip(COMPONENTS, _COUNTED, strict=True)
        )
        .to_numpy()
        .astype(float)
        for part in (0, 1)
    )
    surprise, information = np.zeros_like(posterior.mean), np.zeros_like(posterior.mean)
    for players in (batters, pitchers):
        np.add.at(surprise, players, counted * (observed - chance))
        np.add.at(information, players, counted * chance * (1 - chance))
    return posterior.updated_with(surprise, information)


def _outcome_logits(
    league: SimulatedLeague,
    year: LeagueSeason,
    posterior: TalentPosterior,
    plate_appearances: pl.DataFrame,
    batters: Sequence[int],
    pitchers: Sequence[int],
) -> Floats:
    games = plate_appearances["game_pk"].unique().to_list()
    shifts = {game: league.environment_shift(game) for game in games}
    environment = np.stack([shifts[game] for game in plate_appearances["game_pk"]])
    side = np.where(
        plate_appearances["is_top"].to_numpy()[:, None],
        home_field_shift(home_bats=False),
        home_field_shift(home_bats=True),
    )
    same_hand = platoon_shift(year.abilities.hand[batters], year.abilities.hand[pitchers])
    talents = posterior.mean[batters] + posterior.mean[pitchers]
    logits: NDArray[np.float64] = year.abilities.level + environment + side + same_hand + talents
    return logits


def _home_win_probability(
    league: SimulatedLeague, year: LeagueSeason, posterior: TalentPosterior, game_pk: int, replays: int
) -> float:
    abilities = replace(year.abilities, talent=posterior.mean)
    return league.win_probability(game_pk, abilities, replays)
