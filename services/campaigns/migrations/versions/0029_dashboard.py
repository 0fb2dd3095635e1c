"""What a city sees is counted behind the posting; the tally that was counted within it goes."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_COUNTED = "({row}.withdrawn_at IS NULL AND {row}.standing = 'published' AND {row}.counts_for_audience)"
_BEFORE, _AFTER = _COUNTED.format(row="OLD"), _COUNTED.format(row="NEW")
_TABLES = (
    # No key and no index: a row is appended by whoever changes a fact, and taken off once it is added up.
    """
    CREATE TABLE dashboard_step (
        city_id         uuid NOT NULL,
        campaign_id     uuid,
        merchant_id     uuid,
        contributor_id  uuid,
        kind            text NOT NULL,
        day             date NOT NULL,
        step            bigint NOT NULL
    )
    """,
    """
    CREATE TABLE dashboard_day (
        scope_id  uuid NOT NULL,
        city_id   uuid NOT NULL,
        day       date NOT NULL,
        kind      text NOT NULL,
        counted   bigint NOT NULL,
        CONSTRAINT dashboard_day_pkey PRIMARY KEY (scope_id, city_id, day, kind)
    )
    """,
    """
    CREATE TABLE dashboard_shop (
        scope_id     uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        kind         text NOT NULL,
        city_id      uuid NOT NULL,
        counted      bigint NOT NULL,
        CONSTRAINT dashboard_shop_pkey PRIMARY KEY (scope_id, merchant_id, kind)
    )
    """,
    """
    CREATE TABLE dashboard_ambassador (
        scope_id        uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        week            date NOT NULL,
        counted         bigint NOT NULL,
        CONSTRAINT dashboard_ambassador_pkey PRIMARY KEY (scope_id, contributor_id, week)
    )
    """,
    """
    CREATE TABLE dashboard_active (
        scope_id     uuid NOT NULL,
        week         date NOT NULL,
        ambassadors  bigint NOT NULL,
        CONSTRAINT dashboard_active_pkey PRIMARY KEY (scope_id, week)
    )
    """,
)
_CONTRIBUTIONS = (
    """
    CREATE FUNCTION step_of_contribution() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO dashboard_step VALUES (
            NEW.city_id, NEW.campaign_id, NEW.merchant_id, NEW.contributor_id, NEW.kind,
            (NEW.posted_at AT TIME ZONE 'Europe/Brussels')::date,
            CASE WHEN NEW.withdrawn_at IS NULL AND NEW.standing = 'published' THEN 1 ELSE -1 END);
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE TRIGGER step_of_what_is_posted AFTER INSERT ON contribution
    FOR EACH ROW WHEN ({_AFTER}) EXECUTE FUNCTION step_of_contribution()
    """,
    f"""
    CREATE TRIGGER step_of_what_changes AFTER UPDATE ON contribution
    FOR EACH ROW WHEN ({_BEFORE} <> {_AFTER}) EXECUTE FUNCTION step_of_contribution()
    """,
)
_FOLLOWS = (
    """
    CREATE FUNCTION step_of_following() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO dashboard_step VALUES (
            NEW.city_id, NULL, NEW.merchant_id, NULL, 'follow',
            (NEW.followed_at AT TIME ZONE 'Europe/Brussels')::date,
            CASE WHEN NEW.unfollowed_at IS NULL THEN 1 ELSE -1 END);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER step_of_a_follow AFTER INSERT ON following
    FOR EACH ROW WHEN (NEW.unfollowed_at IS NULL) EXECUTE FUNCTION step_of_following()
    """,
    """
    CREATE TRIGGER step_of_its_end AFTER UPDATE ON following
    FOR EACH ROW WHEN ((OLD.unfollowed_at IS NULL) <> (NEW.unfollowed_at IS NULL))
    EXECUTE FUNCTION step_of_following()
    """,
)
_VISITS = (
    """
    CREATE FUNCTION step_of_visits() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        seen visit_day := coalesce(NEW, OLD);
    BEGIN
        INSERT INTO dashboard_step VALUES (
            seen.city_id, seen.campaign_id, seen.merchant_id, NULL, 'visit-' || seen.kind, seen.day,
            coalesce(NEW.visits, 0) - coalesce(OLD.visits, 0));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER step_of_first_visits AFTER INSERT OR DELETE ON visit_day
    FOR EACH ROW EXECUTE FUNCTION step_of_visits()
    """,
    """
    CREATE TRIGGER step_of_more_visits AFTER UPDATE ON visit_day
    FOR EACH ROW WHEN (OLD.visits <> NEW.visits) EXECUTE FUNCTION step_of_visits()
    """,
)
# What was there before is counted like what comes: the worker adds it up.
_SO_FAR = (
    """
    INSERT INTO dashboard_step
    SELECT city_id, campaign_id, merchant_id, contributor_id, kind,
           (posted_at AT TIME ZONE 'Europe/Brussels')::date, count(*)
    FROM contribution WHERE withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
    GROUP BY 1, 2, 3, 4, 5, 6
    """,
    """
    INSERT INTO dashboard_step
    SELECT city_id, NULL, merchant_id, NULL, 'follow', (followed_at AT TIME ZONE 'Europe/Brussels')::date,
           count(*)
    FROM following WHERE unfollowed_at IS NULL GROUP BY 1, 3, 6
    """,
    """
    INSERT INTO dashboard_step
    SELECT city_id, campaign_id, merchant_id, NULL, 'visit-' || kind, day, visits FROM visit_day
    """,
)


def upgrade() -> None:
    # Nothing is contributed between the count and the triggers.
    op.execute("LOCK TABLE contribution, following, visit_day IN SHARE ROW EXCLUSIVE MODE")
    op.execute("DROP TRIGGER tally_what_is_posted ON contribution")
    op.execute("DROP TRIGGER tally_what_changes ON contribution")
    op.execute("DROP FUNCTION tally_contributions()")
    op.execute("DROP TABLE campaign_tally")
    for statement in (*_TABLES, *_SO_FAR, *_CONTRIBUTIONS, *_FOLLOWS, *_VISITS):
        op.execute(statement)
    op.execute("CREATE INDEX moderation_decision_by_city ON moderation_decision (city_id, at)")
    for table in ("dashboard_day", "dashboard_shop"):
        protect(op, "campaigns", table)
    leave_open(op, "campaigns", "dashboard_active")


def downgrade() -> None:
    raise NotImplementedError("the tally is not kept any more: restore a backup instead")
