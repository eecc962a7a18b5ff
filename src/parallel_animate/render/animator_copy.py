"""Copies of an animator as it was before setup(), so that no chunk sees another's traces."""

import copy
import logging
from collections.abc import Mapping
from typing import Any

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.pickling import dump, load

logger = logging.getLogger(__name__)


def fresh_copy(animator: AnimatorBase) -> AnimatorBase:
    """Return a copy of an animator as it was loaded, so that no chunk sees another's traces."""
    try:
        return copy.deepcopy(animator)
    except TypeError:
        # A module or the like among the attributes: pickle knows what to do with those.
        copied: AnimatorBase = load(dump(animator))
        return copied


def loose_copy(animator: AnimatorBase) -> AnimatorBase:
    """Return a copy of an animator that shares with it what cannot be copied."""
    copied = copy.copy(animator)
    attributes = _copied(vars(animator), animator, copied)
    vars(copied).clear()
    vars(copied).update(attributes)
    return copied


class AttributeState:
    """The attributes of an animator as they were, so that each chunk starts from the same.

    Parameters
    ----------
    animator : AnimatorBase
        The user's; it stays the same object.
    """

    def __init__(self, animator: AnimatorBase) -> None:
        self._animator = animator
        self._attributes = _copied(vars(animator), animator)

    def restore(self) -> None:
        """Give the animator the attributes back."""
        attributes = vars(self._animator)
        attributes.clear()
        attributes.update(_copied(self._attributes, self._animator))


def _copied(
    attributes: Mapping[str, Any], owner: AnimatorBase, new_owner: AnimatorBase | None = None
) -> dict[str, Any]:
    """Copy attributes; what refers to their owner refers to the new one, if there is one.

    What they share stays shared.
    """
    memo: dict[int, Any] = {id(owner): new_owner or owner}
    copies = {}
    for name, value in attributes.items():
        try:
            copies[name] = copy.deepcopy(value, memo)
        except Exception:  # noqa: BLE001 - whatever an object of the user's raises
            logger.debug("Attribute %s cannot be copied; it is shared by all chunks", name)
            copies[name] = value
    return copies
