"""The strikeout vector, version 1: 35 features of each start, as known before its day."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from services.features.mlb import rates
from services.features.mlb.running_totals import SEASON, CounterLayout, RunningTotals, Span
from shared.modeling.vector import STRIKEOUTS_V1
from shared.storage import tables

TABLE = "strikeouts_v1"
PITCHING = CounterLayout(
    "pitcher_id",
    (
        *("plate_appearances", "strikeouts", "walks", "outs", "starts"),
        *("calls", "called_strikes", "swings", "whiffs", "in_zone", "out_of_zone", "chases"),
        *("timed_fastballs", "fastball_velocity_tenths"),
        *("typed_pitches", "fastballs", "breaking_balls", "offspeed"),
    ),
)
BATTING = CounterLayout(
    "batter_id",
    ("plate_appearances", "strikeouts", "plate_appearances_vs_left", "strikeouts_vs_left"),
)
NINE = 9
HIGH_STRIKEOUT_RATE = 0.28
OWN_PRIOR = 100.0  # plate appearances at a batter's own rate, added to those against a hand
CLUB_PRIOR = 200.0  # plate appearances at the league's rate, added to a club's
LEAGUE_PRIOR = 1000.0  # plate appearances at the usual rate: decide only while no league is known
USUAL_RATE = 0.22  # the majors', 2015 to 2024
_DAYS = 30
_EITHER = ""  # hand: both, or not known
_MILLIONTHS = 1_000_000  # whole numbers add up to the same in whatever order
_KEY = ("game_date", "game_pk", "pitcher_id")
_FACED = ("game_date", "game_pk", "team_id", "pitcher_id", "hand")
_COPIED = tuple(
    name
    for name in STRIKEOUTS_V1.features
    if name in {field.name for field in tables.get_table("player_features_daily").fields}
)
_TURNS = ("plate_appearances", "strikeouts")
_SHOWN = {  # over 30 days, by the flag without which they are null
    "has_pitch_calls": ("called_or_swinging_strike_rate", "whiff_rate"),
    "has_pitch_zones": ("chase_rate", "zone_rate"),
    "has_pitch_types": ("fastball_share", "breaking_ball_share", "offspeed_share"),
}


@dataclass(frozen=True)
class VectorInputs:
    """What the vectors of some days of one year are computed from.

    `players` are rows of player_features_daily, those of posted line-ups, of which no label is read;
    `pitching` those of pitcher_lines of their starters from the first of the year before; `batting` the
    season's of batter_lines that `sums_over` needs; `club_days` has day, team_id, pitch_hand,
    plate_appearances and strikeouts from the first of the year before; `hands` person_id and pitch_hand.
    """

    players: pl.DataFrame
    pitching: pl.DataFrame
    batting: pl.DataFrame
    club_days: pl.DataFrame
    hands: pl.DataFrame

    @cached_property
    def starts(self) -> pl.DataFrame:
        """Return the starters' rows by day, with `hand`: L, R, or empty where it is not known."""
        known = self.hands.select(pitcher_id="person_id", hand="pitch_hand")
        rows = self.players.filter(pl.col("role") == "starter").rename({"player_id": "pitcher_id"})
        hand = pl.when(pl.col("hand").is_in(["L", "R"])).then("hand").otherwise(pl.lit(_EITHER))
        return rows.join(known, on="pitcher_id", how="left").with_columns(hand).sort(_KEY)

    @cached_property
    def league_days(self) -> pl.DataFrame:
        """Return day, hand and the league's strikeout rate after it, of this year and the last."""
        daily = _with_either_hand(self.club_days).group_by("day", "hand").agg(pl.col(_TURNS).sum())
        summed = daily.sort("day").with_columns(pl.col(_TURNS).cum_sum().over("hand"))
        return summed.select(
            "day",
            "hand",
            league=_shrunk_rate(
                pl.col("strikeouts"), pl.col("plate_appearances"), LEAGUE_PRIOR, pl.lit(USUAL_RATE)
            ),
        )


def strikeout_vectors(inputs: VectorInputs) -> pl.DataFrame:
    """Return a row of strikeouts_v1 for each start."""
    starts = inputs.starts
    found = pl.concat(
        [
            starts.select(*_KEY, "season", "game_type", *_COPIED),
            _last_starts(starts, inputs.pitching),
            _pitching_windows(starts, inputs.pitching),
            _opponent_rate(inputs),
        ],
        how="horizontal",
    ).join(_lineup_features(inputs), on=["game_pk", "pitcher_id"], how="left", maintain_order="left")
    known = found.with_columns(pl.col("has_lineup").fill_null(value=False))
    return known.select(field.name for field in tables.get_table(TABLE).fields)


def starts_of(pitching: pl.DataFrame) -> pl.DataFrame:
    """Return pitcher_id, as_of and counts of each day with a start.

    The first row of a year has the year's sums from 0 on, so a day's counts are its sums less those of the
    row before it in the year.
    """
    season = PITCHING.plain_names(SEASON)
    of_year = ["pitcher_id", pl.col("as_of").dt.year()]
    rows = pitching.select("pitcher_id", "as_of", *season).rename(season).sort("pitcher_id", "as_of")
    daily = rows.with_columns(
        pl.col(PITCHING.counts) - pl.col(PITCHING.counts).shift(1, fill_value=0).over(of_year)
    )
    return daily.filter(pl.col("starts") > 0)


def _last_starts(starts: pl.DataFrame, pitching: pl.DataFrame) -> pl.DataFrame:
    """Return, for each row of `starts`, what rests on the single starts before its day."""
    strikeouts, outs, calls = pl.col("strikeouts"), pl.col("outs"), pl.col("calls")
    strikes = pl.col("called_strikes") + pl.col("whiffs")
    rate = _last(strikes, 3) / _last(calls, 3)
    before = _last(strikes.shift(3), 3) / _last(calls.shift(3), 3)
    spread = (10 * _last(strikeouts * strikeouts, 10) - _last(strikeouts, 10).pow(2)) / (10 * 9)
    after_each = starts_of(pitching).select(
        "pitcher_id",
        "as_of",
        has_three_starts=_last(outs, 3) > 0,
        has_five_starts=_last(outs, 5) > 0,
        has_ten_starts=_last(strikeouts, 10).is_not_null(),
        has_six_starts_with_calls=_last((calls > 0).cast(pl.Int64), 6) == 6,
        strikeouts_per_nine_last_3_starts=27 * _last(strikeouts, 3) / _last(outs, 3),
        strikeouts_per_nine_last_5_starts=27 * _last(strikeouts, 5) / _last(outs, 5),
        strikeouts_sd_last_10_starts=spread.sqrt(),
        called_or_swinging_strike_rate_last_3_starts_minus_previous_3=rate - before,
    )
    found = _known_before(starts, after_each.sort("as_of"), "as_of", ["pitcher_id"])
    flags = pl.col("^has_.*$").fill_null(value=False)
    return _null_without_flag(
        found.with_columns(flags),
        {
            "has_three_starts": ("strikeouts_per_nine_last_3_starts",),
            "has_five_starts": ("strikeouts_per_nine_last_5_starts",),
            "has_ten_starts": ("strikeouts_sd_last_10_starts",),
            "has_six_starts_with_calls": ("called_or_swinging_strike_rate_last_3_starts_minus_previous_3",),
        },
    )


def _last(count: pl.Expr, starts: int) -> pl.Expr:
    """Return the sum over a pitcher's last starts up to this one; null while there are fewer."""
    return count.rolling_sum(starts).over("pitcher_id")


def _pitching_windows(starts: pl.DataFrame, pitching: pl.DataFrame) -> pl.DataFrame:
    """Return, for each row of `starts`, what they did in the 30 days and the season before its day."""
    who = starts.select("pitcher_id", as_of="game_date")
    lately, season = (_season_sums(PITCHING, pitching, who, span) for span in (_DAYS, SEASON))
    speed = rates.THROWN["fastball_velocity"]
    found = lately.select(
        (rates.THROWN[name].alias(f"{name}_{_DAYS}") for names in _SHOWN.values() for name in names),
        has_pitch_calls=(pl.col("calls") > 0) & (pl.col("swings") > 0),
        has_pitch_zones=pl.col("out_of_zone") > 0,
        has_pitch_types=pl.col("typed_pitches") > 0,
        has_fastball_velocity=pl.col("timed_fastballs") > 0,
        fastball_velocity_30_minus_season=speed - season.select(speed).to_series(),
    )
    shown = {flag: tuple(f"{name}_{_DAYS}" for name in names) for flag, names in _SHOWN.items()}
    shown |= {"has_fastball_velocity": ("fastball_velocity_30_minus_season",)}
    faced = season.select(
        has_pitched_this_season=pl.col("plate_appearances") > 0,
        walk_rate_season=rates.round_for_table(rates.WALK_RATE),
    )
    return pl.concat([_null_without_flag(found, shown), faced], how="horizontal")


def _lineup_features(inputs: VectorInputs) -> pl.DataFrame:
    """Return game_pk, pitcher_id and what the batters of the other club's line-up do."""
    batters = inputs.players.filter(pl.col("role") == "batter").select(
        "game_pk",
        team_id="opponent_id",
        batter_id="player_id",
        own="batter_k_rate_vs_league",
        turns="expected_plate_appearances_vs_starter",
    )
    faced = inputs.starts.select(_FACED).join(batters, on=["game_pk", "team_id"], maintain_order="left")
    own = pl.col("own")
    against = _rates_against_hand(inputs, faced)
    by_game = faced.with_columns(against).group_by("game_pk", "pitcher_id").agg(
        has_lineup=pl.len() == NINE,
        lineup_strikeout_rate_vs_hand=_exact_sum(pl.col("against")) / NINE,
        bottom_up_strikeouts=_exact_sum(own * pl.col("turns")),
        lineup_high_strikeout_batters=(own >= HIGH_STRIKEOUT_RATE).sum().cast(pl.Float64),
    )  # fmt: skip
    shown = [name for name in by_game.columns if name not in {"game_pk", "pitcher_id", "has_lineup"}]
    return _null_without_flag(by_game, {"has_lineup": tuple(shown)})


def _rates_against_hand(inputs: VectorInputs, faced: pl.DataFrame) -> pl.Series:
    """Return each batter's strikeout rate against the starter's hand, this season, shrunk to their own."""
    when = faced.select("batter_id", as_of="game_date")
    sums = _season_sums(BATTING, inputs.batting, when, SEASON)
    own_hand, either = (
        _known_before(faced.with_columns(hand=hand), inputs.league_days, "day", ["hand"])["league"]
        for hand in (pl.col("hand"), pl.lit(_EITHER))
    )
    ratio = (own_hand / either).fill_null(1.0)
    turns, strikeouts = (
        pl.when(faced["hand"] == "L").then(pl.col(f"{name}_vs_left"))
        .when(faced["hand"] == "R").then(pl.col(name) - pl.col(f"{name}_vs_left"))
        .otherwise(pl.col(name))
        for name in _TURNS
    )  # fmt: skip
    rate = _shrunk_rate(strikeouts, turns, OWN_PRIOR, pl.lit(faced["own"] * ratio))
    return sums.select(against=rate).to_series()


def _opponent_rate(inputs: VectorInputs) -> pl.DataFrame:
    """Return, for each start, the other club's strikeout rate against the hand, shrunk to the league's."""
    starts = inputs.starts.select("game_date", "hand", team_id="opponent_id")
    daily = _with_either_hand(inputs.club_days).group_by("day", "team_id", "hand").agg(pl.col(_TURNS).sum())
    season = daily.sort("day").with_columns(
        pl.col(_TURNS).cum_sum().over("team_id", "hand", pl.col("day").dt.year()),
        year=pl.col("day").dt.year(),
    )
    own = _known_before(starts, season, "day", ["team_id", "hand"])
    of_now = own["year"].eq_missing(starts["game_date"].dt.year())
    league = _known_before(starts, inputs.league_days, "day", ["hand"])["league"].fill_null(USUAL_RATE)
    turns, strikeouts = (pl.when(of_now).then(pl.col(name)).otherwise(0) for name in _TURNS)
    rate = _shrunk_rate(strikeouts, turns, CLUB_PRIOR, pl.lit(league))
    return own.select(opponent_strikeout_rate_vs_hand=rates.round_for_table(rate))


def _with_either_hand(club_days: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `hand`, and each again under both hands together."""
    return pl.concat(
        club_days.select("day", "team_id", *_TURNS, hand=hand)
        for hand in (pl.col("pitch_hand"), pl.lit(_EITHER))
    )


def _season_sums(layout: CounterLayout, rows: pl.DataFrame, who: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Return sums over a span of this season that ends the day before, a row for each of `who`."""
    years = who["as_of"].dt.year().unique()
    of_year = rows.filter(pl.col("as_of").dt.year().is_in(years.implode()))
    return RunningTotals(layout, of_year, who, of_year.clear()).sums_over(span, who)


def _known_before(when: pl.DataFrame, known: pl.DataFrame, day: str, by: list[str]) -> pl.DataFrame:
    """Return the columns of the latest row of `known` before each game_date, in the order of `when`."""
    columns = [name for name in known.columns if name not in {day, *by}]
    keys = when.select("game_date", *by)
    found = keys.join_asof(
        known, left_on="game_date", right_on=day, by=by, allow_exact_matches=False, check_sortedness=False
    )
    return found.select(columns)


def _shrunk_rate(strikeouts: pl.Expr, turns: pl.Expr, prior: float, rate: pl.Expr) -> pl.Expr:
    return (strikeouts + prior * rate) / (turns + prior)


def _exact_sum(value: pl.Expr) -> pl.Expr:
    return (value * _MILLIONTHS).round().cast(pl.Int64).sum() / _MILLIONTHS


def _null_without_flag(rows: pl.DataFrame, shown: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """Return the rows with features as the tables show them, null where their flag is false."""
    return rows.with_columns(
        pl.when(pl.col(flag)).then(rates.round_for_table(pl.col(name))).alias(name)
        for flag, names in shown.items()
        for name in names
    )
