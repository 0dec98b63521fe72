"""A plugin of mypy: refuses the built-in `sum` over floats, whose last bits differ between Pythons.

Since Python 3.12 it is compensated; `math.fsum` is exact in all of them. mypy asks for every overload of `sum`, so
it reports what is refused here as an argument that is no `bool`.
"""

from collections.abc import Callable

from mypy.plugin import FunctionContext, Plugin
from mypy.types import AnyType, Instance, ProperType, Type, UnionType, get_proper_type

MESSAGE = "expected `math.fsum` over floats: `sum` gives other last bits before Python 3.12 than since"


class FloatSums(Plugin):
    """Looks at every call of `sum`."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Return the check for `sum`, and nothing for other functions."""
        return _checked if fullname == "builtins.sum" else None


def _checked(context: FunctionContext) -> Type:
    if _holds_float(get_proper_type(context.default_return_type)):
        context.api.fail(MESSAGE, context.context)
    return context.default_return_type


def _holds_float(kind: ProperType) -> bool:
    if isinstance(kind, UnionType):
        return any(_holds_float(get_proper_type(one)) for one in kind.items)
    return isinstance(kind, AnyType) or (
        isinstance(kind, Instance) and kind.type.fullname == "builtins.float"
    )


def plugin(version: str) -> type[Plugin]:
    """Return the plugin, as mypy asks for it."""
    return FloatSums
