"""What is seen of shops on other platforms: posts, and counts of a day."""

from alembic import op

from chassis.row_security import protect

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_SOURCES = "'citizen', 'merchant', 'consultant', 'officer', 'connected-account', 'open-source'"
_STATEMENTS = (
    f"""
    CREATE TABLE seen_post (
        id           uuid CONSTRAINT seen_post_pkey PRIMARY KEY,
        city_id      uuid NOT NULL,
        merchant_id  uuid,
        platform     text NOT NULL,
        url          text NOT NULL,
        kind         text NOT NULL,
        day          date NOT NULL,
        source       text NOT NULL,
        via          text NOT NULL,
        excerpt      text NOT NULL,
        seen_at      timestamptz NOT NULL,
        shown        boolean NOT NULL,
        removed_for  text,
        version      integer NOT NULL,
        CONSTRAINT seen_post_once UNIQUE NULLS NOT DISTINCT (city_id, merchant_id, url),
        CONSTRAINT seen_post_kind_check CHECK (kind IN ('review', 'photo', 'video', 'post')),
        CONSTRAINT seen_post_source_check CHECK (source IN ({_SOURCES})),
        CONSTRAINT seen_post_hidden_says_nothing_check CHECK (shown OR excerpt = ''),
        CONSTRAINT seen_post_removed_is_hidden_check CHECK (removed_for IS NULL OR NOT shown)
    )
    """,
    "CREATE INDEX seen_post_by_merchant ON seen_post (merchant_id, day, id)",
    "CREATE INDEX seen_post_by_city ON seen_post (city_id, day, id)",
    """
    CREATE TABLE seen_post_change (
        post_id    uuid NOT NULL CONSTRAINT seen_post_change_post_id_fkey REFERENCES seen_post (id),
        version    integer NOT NULL,
        city_id    uuid NOT NULL,
        shown      boolean NOT NULL,
        source     text NOT NULL,
        at         timestamptz NOT NULL,
        person_id  uuid,
        CONSTRAINT seen_post_change_pkey PRIMARY KEY (post_id, version)
    )
    """,
    "CREATE INDEX seen_post_change_by_time ON seen_post_change (at)",
    f"""
    CREATE TABLE noted_count (
        id           uuid CONSTRAINT noted_count_pkey PRIMARY KEY,
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        platform     text NOT NULL,
        profile_id   uuid,
        measure      text NOT NULL,
        day          date NOT NULL,
        source       text NOT NULL,
        via          text NOT NULL,
        figure       double precision,
        scale        smallint,
        noted_at     timestamptz NOT NULL,
        version      integer NOT NULL,
        CONSTRAINT noted_count_once
            UNIQUE NULLS NOT DISTINCT (merchant_id, platform, profile_id, measure, day, source),
        CONSTRAINT noted_count_measure_check CHECK (measure IN ('reviews', 'mean', 'photos', 'followers')),
        CONSTRAINT noted_count_source_check CHECK (source IN ({_SOURCES})),
        CONSTRAINT noted_count_mean_has_a_scale_check CHECK ((scale IS NOT NULL) = (measure = 'mean'))
    )
    """,
    "CREATE INDEX noted_count_by_city ON noted_count (city_id, day)",
    """
    CREATE TABLE noted_count_version (
        count_id   uuid NOT NULL CONSTRAINT noted_count_version_count_id_fkey REFERENCES noted_count (id),
        version    integer NOT NULL,
        city_id    uuid NOT NULL,
        figure     double precision,
        scale      smallint,
        at         timestamptz NOT NULL,
        person_id  uuid,
        CONSTRAINT noted_count_version_pkey PRIMARY KEY (count_id, version)
    )
    """,
    "CREATE INDEX noted_count_version_by_time ON noted_count_version (at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("seen_post", "seen_post_change", "noted_count", "noted_count_version"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("what was seen elsewhere would be lost: restore a backup instead")
