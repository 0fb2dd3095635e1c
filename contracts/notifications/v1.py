"""Events of notifications: what merchants were told."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from contracts.envelope import Fact, Moment


class AudienceMilestoneReached(Fact, frozen=True, kw_only=True):
    """A merchant's audience reached a threshold for the first time. Told once, never taken back."""

    TYPE: ClassVar[str] = "notifications.audience-milestone-reached.v1"
    AGGREGATE: ClassVar[str] = "milestone_id"
    KEY: ClassVar[str] = "merchant_id"

    milestone_id: UUID
    merchant_id: UUID
    kind: str
    """What was counted: `review`, `share`."""
    threshold: int
    reached_at: Moment


class MerchantNotified(Fact, frozen=True, kw_only=True):
    """A notification was handed over to a channel that accepted it."""

    TYPE: ClassVar[str] = "notifications.merchant-notified.v1"
    AGGREGATE: ClassVar[str] = "delivery_id"
    KEY: ClassVar[str] = "merchant_id"

    delivery_id: UUID
    merchant_id: UUID
    notification_id: UUID
    kind: str
    channel: str


class NotificationOpened(Fact, frozen=True, kw_only=True):
    """A merchant's people opened a notification for the first time, in the feed or by the link in a mail.

    They say so by doing it: no picture in a mail tells who looked at it.
    """

    TYPE: ClassVar[str] = "notifications.notification-opened.v1"
    AGGREGATE: ClassVar[str] = "notification_id"
    KEY: ClassVar[str] = "merchant_id"

    notification_id: UUID
    merchant_id: UUID
    kind: str


class DeliveryFailed(Fact, frozen=True, kw_only=True):
    """A channel refused a notification for good; it stays in the merchant's feed."""

    TYPE: ClassVar[str] = "notifications.delivery-failed.v1"
    AGGREGATE: ClassVar[str] = "delivery_id"
    KEY: ClassVar[str] = "merchant_id"

    delivery_id: UUID
    merchant_id: UUID
    notification_id: UUID
    channel: str
    reason: str
    """A code (`mailbox-unavailable`), never what the other server said: that may hold an address."""


class PersonalDataErased(Fact, frozen=True, kw_only=True):
    """Notifications' part of an erasure is done."""

    TYPE: ClassVar[str] = "notifications.personal-data-erased.v1"
    AGGREGATE: ClassVar[str] = "erasure_id"
    KEY: ClassVar[str] = "erasure_id"

    erasure_id: UUID


FACTS: tuple[type[Fact], ...] = (
    AudienceMilestoneReached,
    MerchantNotified,
    NotificationOpened,
    DeliveryFailed,
    PersonalDataErased,
)
