"""SQL files with named places, such as {columns}, that a list kept elsewhere fills."""


def fill_template(sql: str, **places: str) -> str:
    """Return `sql` with every `{place}` replaced; raises ValueError where the text has no such place.

    >>> fill_template("select {columns} from games", columns="game_pk, home_score")
    'select game_pk, home_score from games'
    """
    for place, text in places.items():
        if f"{{{place}}}" not in sql:
            raise ValueError(f"expected a place {{{place}}} in the SQL, got none: {sql[:80]}")
        sql = sql.replace(f"{{{place}}}", text)
    return sql
