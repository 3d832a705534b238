"""In which chunks the attributes of a query may be, by their tokens."""

import numpy as np
from numpy.typing import NDArray

from spans.search.deadline import Deadline
from spans.search.fields import LINKED_TRACE
from spans.search.query import (
    And,
    CompareAttribute,
    Condition,
    Has,
    Not,
    Operator,
    Or,
    leaves,
)
from spans.store.token_lookup import CHUNK_MASK, NOWHERE, TokenHits, find_tokens, merge
from spans.store.tokens import candidates, key_token

RARE_RUNS_MAX = 300  # an attribute in no more flushes than this is looked up once, over all that is stored
RESTRICTED_FLUSHES_MAX = 1_000  # named in one statement; above, the walk goes over all blocks
RUNS_MAX = 1 << 20  # of the flushes of one batch of blocks
AttributeLeaf = CompareAttribute | Has


class AttributeChunks:
    """What is known of where each attribute may be; of common ones only for flushes that were looked into.

    A rare attribute names the few flushes worth walking. A common one would name thousands before the first
    result: it is looked up flush by flush, as the walk comes to them.
    """

    def __init__(self, condition: Condition, deadline: Deadline) -> None:
        self._deadline = deadline
        self._leaves = {
            leaf: tokens_of(leaf)
            for leaf in leaves(condition)
            if isinstance(leaf, CompareAttribute | Has) and _has_tokens(leaf)
        }
        self._everywhere: dict[AttributeLeaf, TokenHits] = {}
        self._seen: dict[AttributeLeaf, TokenHits] = dict.fromkeys(self._leaves, NOWHERE)
        self._seen_flushes: NDArray[np.int64] = np.zeros(0, np.int64)

    def look_everywhere(self) -> None:
        """Finds the rare ones."""
        for leaf, tokens in self._leaves.items():
            hits = find_tokens(tokens, runs_max=RARE_RUNS_MAX, timeout_ms=self._deadline.left_ms())
            if hits is not None:
                self._everywhere[leaf] = hits

    def look_into(self, cids: NDArray[np.int64]) -> None:
        """Finds the common ones in the flushes of these chunks."""
        if len(self._everywhere) == len(self._leaves):
            return
        flushes = np.setdiff1d(cids & ~CHUNK_MASK, self._seen_flushes)
        if not len(flushes):
            return
        for leaf, tokens in self._leaves.items():
            if leaf in self._everywhere:
                continue
            found = find_tokens(
                tokens,
                runs_max=RUNS_MAX,
                flush_cids=flushes.tolist(),
                timeout_ms=self._deadline.left_ms(),
            )
            assert found is not None, "a flush has few runs for a token"
            self._seen[leaf] = merge([self._seen[leaf], found])
        self._seen_flushes = np.union1d(self._seen_flushes, flushes)

    def mask(self, leaf: AttributeLeaf, cids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which chunks may hold it. They have to be looked into before."""
        if leaf not in self._leaves:
            return np.ones(len(cids), np.bool_)
        return self._everywhere.get(leaf, self._seen[leaf]).mask(cids)

    def flushes(self, condition: Condition) -> tuple[int, ...] | None:
        """The flushes outside of which nothing can meet the condition; None: not known cheaply."""
        found = self._flushes(condition)
        return None if found is None or len(found) > RESTRICTED_FLUSHES_MAX else tuple(found.tolist())

    def _flushes(self, condition: Condition) -> NDArray[np.int64] | None:
        if isinstance(condition, CompareAttribute | Has):
            hits = self._everywhere.get(condition)
            return None if hits is None else hits.flushes
        if isinstance(condition, Not) or not isinstance(condition, And | Or):
            return None
        parts = [self._flushes(part) for part in condition.parts]
        known = [part for part in parts if part is not None]
        if not known or (isinstance(condition, Or) and len(known) < len(parts)):
            return None
        join = np.intersect1d if isinstance(condition, And) else np.union1d
        result = known[0]
        for part in known[1:]:
            result = join(result, part)
        return result


def _has_tokens(leaf: AttributeLeaf) -> bool:
    """Of links only the ids of their traces are in the runs, not that there are links."""
    is_equality = isinstance(leaf, CompareAttribute) and leaf.operator is Operator.EQUAL
    return is_equality or leaf.attribute.key != LINKED_TRACE


def tokens_of(leaf: AttributeLeaf) -> list[int]:
    """One of these is in every chunk that holds a span which meets the leaf."""
    key = leaf.attribute.key
    if isinstance(leaf, Has) or leaf.operator is not Operator.EQUAL:
        return [key_token(key)]
    tokens = set(candidates(key, leaf.text))
    if leaf.number is not None and leaf.number == leaf.number // 1:
        tokens.update(candidates(key, str(int(leaf.number))))  # 5.0 is found as 5
    return sorted(tokens)
