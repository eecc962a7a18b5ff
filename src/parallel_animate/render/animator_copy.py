"""Copies of an animator as it was before setup(), so that chunks do not affect each other."""

import copy
import logging
from collections.abc import Mapping
from typing import Any

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.pickling import dump, load
from parallel_animate.inputs.shared_arrays import SharingMemo

logger = logging.getLogger(__name__)


def fresh_copy(animator: AnimatorBase) -> AnimatorBase:
    """Return a copy of an animator as it was loaded, so that chunks do not affect each other."""
    try:
        return copy.deepcopy(animator, SharingMemo())
    except Exception:  # noqa: BLE001 - whatever a user's object raises
        # An attribute such as a module cannot be deep-copied; our pickler can handle it.
        copied: AnimatorBase = load(dump(animator))
        return copied


def loose_copy(animator: AnimatorBase) -> AnimatorBase:
    """Return a copy of an animator that shares the attributes that cannot be copied."""
    copied = copy.copy(animator)
    attributes = _copied(vars(animator), animator, copied)
    vars(copied).clear()
    vars(copied).update(attributes)
    return copied


def best_copy(animator: AnimatorBase) -> AnimatorBase:
    """Return a full copy of an animator, or one that shares what cannot be copied."""
    try:
        return fresh_copy(animator)
    except Exception:  # noqa: BLE001 - whatever a user's object raises
        return loose_copy(animator)


class AttributeState:
    """A copy of an animator's attributes, so that each chunk starts with the same ones.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator; it stays the same object.
    """

    def __init__(self, animator: AnimatorBase) -> None:
        self._animator = animator
        self._attributes = _copied(vars(animator), animator)

    def restore(self) -> None:
        """Set the animator's attributes back to the copied ones."""
        attributes = vars(self._animator)
        attributes.clear()
        attributes.update(_copied(self._attributes, self._animator))


def _copied(
    attributes: Mapping[str, Any], owner: AnimatorBase, new_owner: AnimatorBase | None = None
) -> dict[str, Any]:
    """Copy an object's attributes.

    References to the owner become references to the new owner, if given. Objects that several
    attributes share stay shared.
    """
    memo: dict[int, Any] = {id(owner): new_owner or owner}
    copies = {}
    for name, value in attributes.items():
        try:
            copies[name] = copy.deepcopy(value, memo)
        except Exception:  # noqa: BLE001 - whatever a user's object raises
            logger.debug("Attribute %s cannot be copied; all chunks share it", name)
            copies[name] = value
    return copies
