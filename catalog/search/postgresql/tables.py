"""The tables of the index, as SQL. They are a derived copy: no migration knows them.

Every rebuild makes a table of documents and one of words under a new name, and makes them
current in the same transaction; whoever is killed leaves no trace.
"""

import secrets

from foundation.db import DERIVED_PREFIX

STATE = f"{DERIVED_PREFIX}search_state"

CREATE_STATE = f"""
CREATE TABLE IF NOT EXISTS {STATE} (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  folder text NOT NULL,
  generation bigint NOT NULL,
  schema text NOT NULL
)"""
READ_STATE = f"SELECT folder, generation, schema FROM {STATE}"
WRITE_STATE = f"""
INSERT INTO {STATE} (folder, generation, schema)
VALUES (:folder, CAST(extract(epoch FROM now()) AS bigint), :schema)
ON CONFLICT (only_one) DO UPDATE
SET folder = excluded.folder, schema = excluded.schema, generation = {STATE}.generation + 1
RETURNING folder, generation, schema"""
# The first generation of a database is later than any that was restored away.

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(:key)"
# Planning by the cost of single rows, PostgreSQL would rather read every document.
PLAN_FOR_INDEXES = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"
)


def new_folder() -> str:
    """A name for the tables of a rebuild."""
    return f"{DERIVED_PREFIX}search_{secrets.token_hex(8)}"


def create(folder: str) -> list[str]:
    """Empty tables. Words and texts lie outside the rows, so that scanning these stays cheap."""
    return [
        f"""
CREATE TABLE {folder} (
  number bigint GENERATED ALWAYS AS IDENTITY,
  key text NOT NULL,
  columns bytea NOT NULL,
  visibility text NOT NULL,
  facets text[] NOT NULL,
  government_facets text[] NOT NULL,
  words tsvector NOT NULL,
  shown bytea NOT NULL
) WITH (toast_tuple_target = 256)""",
        f"""
CREATE TABLE {folder}_words (
  term text COLLATE "C" NOT NULL,
  field text NOT NULL,
  most integer NOT NULL,
  PRIMARY KEY (term, field)
)""",
    ]


def finish(folder: str) -> list[str]:
    """Indexes and statistics, once the documents are in."""
    return [
        f"ALTER TABLE {folder} ADD PRIMARY KEY (number), ADD UNIQUE (key)",
        # Without a list of pending entries that every search would have to read through.
        f"CREATE INDEX ON {folder} USING gin (words) WITH (fastupdate = off)",
        f"ANALYZE {folder}",
        f"ANALYZE {folder}_words",
    ]


def drop(folder: str) -> list[str]:
    return [f"DROP TABLE IF EXISTS {folder}, {folder}_words"]


def remove(folder: str) -> str:
    return f"DELETE FROM {folder} WHERE key = ANY (:keys)"


def last(folder: str) -> str:
    return f"SELECT coalesce(max(number), 0) FROM {folder}"


def fill(folder: str) -> str:
    return (
        f"COPY {folder} (key, columns, visibility, facets, government_facets, words, shown)"
        " FROM STDIN"
    )


def learn_words(folder: str) -> str:
    """Keep the words of the documents after `last`, and how often one has a word at most."""
    return f"""
INSERT INTO {folder}_words (term, field, most)
SELECT substr(word, strpos(word, ':') + 1), left(word, 1),
       max(CAST(substr(word, 2, strpos(word, ':') - 2) AS integer))
FROM ts_stat(format('SELECT words FROM {folder} WHERE number > %s', CAST(:last AS bigint)))
GROUP BY 1, 2
ON CONFLICT (term, field) DO UPDATE SET most = excluded.most
WHERE {folder}_words.most < excluded.most"""


def postings(folder: str) -> str:
    """Which term, field, and the numbers of the documents as often as they have the term."""
    return f"""
SELECT asked.term, known.field, string_agg(int8send(found.number), ''::bytea) AS numbers
FROM unnest(CAST(:terms AS text[]), CAST(:escaped AS text[])) AS asked (term, escaped)
JOIN {folder}_words AS known ON known.term = asked.term
CROSS JOIN LATERAL generate_series(1, known.most) AS often
CROSS JOIN LATERAL (
  SELECT number FROM {folder}
  WHERE words @@ CAST('''' || known.field || often || ':' || asked.escaped || '''' AS tsquery)
) AS found
GROUP BY asked.term, known.field"""


def live(folder: str) -> str:
    return f"SELECT string_agg(int8send(number), ''::bytea) FROM {folder}"


def data(folder: str) -> str:
    return f"""
SELECT string_agg(columns, ''::bytea ORDER BY number) FROM {folder}
WHERE number = ANY (CAST(:numbers AS bigint[]))"""


def facets(folder: str) -> str:
    """Index field, value, numbers of the documents that have it."""
    return f"""
SELECT 'visibility' AS field, visibility AS value, string_agg(int8send(number), ''::bytea)
FROM {folder} WHERE number = ANY (CAST(:numbers AS bigint[])) GROUP BY 2
UNION ALL
SELECT 'facet', value, string_agg(int8send(number), ''::bytea)
FROM {folder}, unnest(facets) AS value
WHERE number = ANY (CAST(:numbers AS bigint[])) GROUP BY 2
UNION ALL
SELECT 'g_facet', value, string_agg(int8send(number), ''::bytea)
FROM {folder}, unnest(government_facets) AS value
WHERE number = ANY (CAST(:numbers AS bigint[])) GROUP BY 2"""


def lexemes(folder: str) -> str:
    return f"""
SELECT number, tsvector_to_array(words) FROM {folder}
WHERE number = ANY (CAST(:numbers AS bigint[]))"""


def lexicon(folder: str) -> str:
    return f"SELECT term FROM {folder}_words WHERE field = :code"


def shown(folder: str) -> str:
    return f"""
SELECT number, shown FROM {folder} WHERE number = ANY (CAST(:numbers AS bigint[]))"""
