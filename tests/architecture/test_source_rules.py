"""The product keeps the rules of source_rules.py, and each rule sees what it forbids."""

from __future__ import annotations

import pytest

from tests.architecture import source_rules
from tests.architecture.source_rules import RULES, Module, Rule, product

PRODUCT = product()
SERVICE = "services/campaigns/lifecycle/use_cases.py"

FORBIDDEN: list[tuple[Rule, str, str]] = [
    (source_rules.only_the_relay_publishes, SERVICE, "await broker.publish(body, subject)"),
    (source_rules.only_the_relay_publishes, "chassis/consumer.py", "await js.publish_async(subject, body)"),
    (source_rules.only_the_bell_notifies, SERVICE, 'text("NOTIFY outbox")'),
    (source_rules.only_the_bell_notifies, SERVICE, 'text(f"NOTIFY {channel}")'),
    (source_rules.only_the_bell_notifies, SERVICE, "text(\"notify outbox, '1'\")"),
    (source_rules.only_the_bell_notifies, "chassis/outbox.py", 'text("SELECT pg_notify(:channel, :body)")'),
    (
        source_rules.only_the_chassis_touches_the_outbox,
        SERVICE,
        'text("INSERT INTO outbox (id) VALUES (:id)")',
    ),
    (source_rules.only_the_chassis_touches_the_outbox, SERVICE, 'text("delete from outbox")'),
    (source_rules.only_the_chassis_touches_the_outbox, SERVICE, 'outbox = Table("outbox", metadata)'),
    (source_rules.only_the_chassis_touches_the_outbox, SERVICE, "await outbox.record_again(tx, events)"),
    (
        source_rules.only_the_chassis_touches_the_outbox,
        "chassis/consumer.py",
        "await record_again(tx, events)",
    ),
    (
        source_rules.telemetry_is_named_in_one_place,
        SERVICE,
        'from prometheus_client import Counter\nSEEN = Counter("cococity_seen_total", "Seen.")',
    ),
    (source_rules.telemetry_is_named_in_one_place, SERVICE, 'with tracer().start_as_current_span("x"): ...'),
    (source_rules.telemetry_is_named_in_one_place, SERVICE, 'with continued(f"{x}", traceparent): ...'),
    (source_rules.telemetry_is_named_in_one_place, SERVICE, 'event_span(name="x", parent=p)'),
    (source_rules.telemetry_is_named_in_one_place, SERVICE, 'meter.create_counter("seen")'),
    (source_rules.telemetry_is_named_in_one_place, "operations/status.py", 'lag = read("cococity_leg")'),
    (source_rules.files_and_functions_are_short, SERVICE, "x = 1\n" * 401),
    (source_rules.files_and_functions_are_short, SERVICE, "async def long():\n" + "    x = 1\n" * 60),
    *[
        (source_rules.modules_are_named_for_what_they_hold, path, "")
        for path in ("chassis/utils.py", "services/portal/common/pages.py", "demo/event_manager.py")
    ],
]

ALLOWED: list[tuple[Rule, str, str]] = [
    (
        source_rules.only_the_relay_publishes,
        "chassis/relay.py",
        "await jetstream.publish_async(subject, body)",
    ),
    (source_rules.only_the_relay_publishes, SERVICE, "await republish(database)"),
    (source_rules.only_the_bell_notifies, "chassis/bell.py", 'text(f"NOTIFY {CHANNEL}")'),
    (source_rules.only_the_bell_notifies, SERVICE, '"""Never NOTIFY here."""'),
    (source_rules.only_the_bell_notifies, SERVICE, 'summary = "notify a merchant of its audience"'),
    (source_rules.only_the_chassis_touches_the_outbox, SERVICE, "await outbox.record(tx, event)"),
    (source_rules.only_the_chassis_touches_the_outbox, "chassis/relay.py", 'text("SELECT id FROM outbox")'),
    (
        source_rules.telemetry_is_named_in_one_place,
        SERVICE,
        "from collections import Counter\nwith batch_span(telemetry_names.BATCH_SPAN, []): Counter([])",
    ),
    (source_rules.telemetry_is_named_in_one_place, "operations/status.py", 'read("cococity_consumer_lag")'),
    (source_rules.files_and_functions_are_short, SERVICE, "def short():\n" + "    x = 1\n" * 59),
    (
        source_rules.modules_are_named_for_what_they_hold,
        "services/directory/cities/database_of_cities.py",
        "",
    ),
]


def name(value: object) -> str:
    return value.__name__ if callable(value) and hasattr(value, "__name__") else str(value)[:40]


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_the_product_keeps_the_rule(rule: Rule) -> None:
    assert len(PRODUCT) > 100
    assert not [offence for module in PRODUCT for offence in rule(module)]


@pytest.mark.parametrize(("rule", "path", "source"), FORBIDDEN, ids=name)
def test_the_rule_sees_what_it_forbids(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), ALLOWED, ids=name)
def test_the_rule_lets_pass_what_is_fine(rule: Rule, path: str, source: str) -> None:
    assert not list(rule(Module(path, source)))


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, _, _ in FORBIDDEN} == set(RULES)
