"""One question a page: of a draft that this browser keeps, for a shop or before anybody says for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response

from chassis.secret_cookie import SecretCookie
from services.portal.merchant.assessing import Draft, resume, save, start
from services.portal.merchant.desk import frame
from services.portal.rendering import Renderer
from services.portal.visitors import Anybody, see_other


@dataclass(frozen=True)
class Questions:
    """The pages of the questions. `shop` is None while nobody has said whose answers they are."""

    renderer: Renderer
    kept: SecretCookie
    """Of the draft that this browser is filling in."""

    def address(self, shop: UUID | None, number: int | None = None) -> str:
        """Of that question; without a number, where one begins."""
        home = f"/shops/{shop}/assessment" if shop else "/assess"
        return home if number is None else f"{home}/questions/{number}"

    async def begin(self, visitor: Anybody, shop: UUID | None, name: str) -> Response:
        """On to the first question of the questionnaire of that name. Raises Unanswered."""
        draft = await start(visitor, name) if name.replace("-", "").isalnum() else None
        if draft is None:
            return see_other(self.address(shop), visitor.reader)
        answer = see_other(self.address(shop, 1), visitor.reader)
        self.kept.keep(answer, draft.kept_as, draft.expires_at)
        return answer

    async def show(self, visitor: Anybody, shop: UUID | None, request: Request, number: int) -> Response:
        """One question, with what was answered before. Raises Unanswered."""
        draft = await resume(visitor, self.kept.read(request))
        if draft is None:
            return see_other(self.address(shop), visitor.reader)
        return await self.page(visitor, shop, draft, number)

    async def answer(
        self,
        visitor: Anybody,
        shop: UUID | None,
        request: Request,
        number: int,
        pairs: Sequence[tuple[str, str]],
    ) -> Response:
        """Saved at once; on to the next, or back to where one began. Raises Unanswered."""
        draft = await resume(visitor, self.kept.read(request))
        if draft is None:
            return see_other(self.address(shop), visitor.reader)
        asked = draft.asked()
        if not 1 <= number <= len(asked):
            return see_other(self.address(shop, 1), visitor.reader)
        question = asked[number - 1]
        values = [value for name, value in pairs if name == question["key"] and value]
        saved = await save(visitor, draft, question, [] if ("do", "skip") in pairs else values)
        if isinstance(saved, str):
            return await self.page(visitor, shop, draft, number, saved)
        is_over = number >= len(saved.asked()) or ("do", "later") in pairs
        answer = see_other(self.address(shop, None if is_over else number + 1), visitor.reader)
        self.kept.keep(answer, saved.kept_as, saved.expires_at)
        return answer

    async def page(
        self, visitor: Anybody, shop: UUID | None, draft: Draft, number: int, fault: str | None = None
    ) -> Response:
        """That question, or the nearest that there is. Raises Unanswered."""
        asked = draft.asked()
        number = min(max(number, 1), len(asked))
        question = asked[number - 1]
        return self.renderer.secret_page(
            "merchant/question.html",
            visitor.reader,
            422 if fault else 200,
            **(await frame(visitor, shop) if shop else {"shop_id": None}),
            home=self.address(shop),
            draft=draft,
            question=question,
            given=draft.answers.get(question["key"]),
            number=number,
            all_questions=len(asked),
            fault=fault,
        )
