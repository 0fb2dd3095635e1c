"""A shop's owner invites staff and hands the shop over: the whole path, and what is left of it."""

from __future__ import annotations

from tests.integration.directory.test_invitations import (
    a_shop_of_marc,
    answer,
    invite,
    invited,
    log,
    roles_of,
    subjects,
)
from tests.support.directory import DirectoryUnderTest


async def test_staff_is_invited_and_the_shop_changes_hands(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = await a_shop_of_marc(directory, city)
    at_shop = {"merchant_id": shop}

    _, staff = await invited(directory, "marc", role="merchant_staff", email="tom@home.example", **at_shop)
    assert await answer(directory, "accept", staff, "tom") == 204
    assert ("merchant_staff", shop) in await roles_of(directory, "tom")
    _, over = await invited(
        directory, "marc", role="merchant", hands_over=True, email="nele@home.example", **at_shop
    )
    assert ("merchant", shop) in await roles_of(directory, "marc"), "until it is accepted"
    assert await answer(directory, "accept", over, "nele") == 204

    assert await roles_of(directory, "marc") == []
    assert ("merchant", shop) in await roles_of(directory, "nele")
    assert ("merchant_staff", shop) in await roles_of(directory, "tom"), "staff stays with the shop"
    assert await subjects(directory, "marc@example.be") == [
        "CoCoCity : Tom Janssens a accepté votre invitation",
        "CoCoCity : un de vos rôles a pris fin",
    ]
    assert len(await subjects(directory, "nele@example.be")) == 1
    # The old owner has nothing left there; the new one has all.
    for who, status in (("marc", 403), ("tom", 403), ("nele", 201)):
        again = await invite(directory, who, role="merchant_staff", email=f"{who}@shop.example", **at_shop)
        assert again.status_code == status, who
    toms = (await directory.call("GET", f"/merchants/{shop}/roles", "nele")).json()["items"]
    (of_tom,) = [each["id"] for each in toms if each["role"] == "merchant_staff"]
    assert (await directory.call("DELETE", f"/roles/{of_tom}", "nele")).status_code == 204
    assert len(await subjects(directory, "tom@example.be")) == 1, "told that the role has ended"
    told = [each for each in await log(directory, city) if "invitation" in each or "role" in each]
    assert told[-9:] == [
        "invitation_sent",
        "role_given",
        "invitation_accepted",
        "invitation_sent",
        "role_withdrawn",
        "role_given",
        "invitation_accepted",
        "invitation_sent",
        "role_withdrawn",
    ]
