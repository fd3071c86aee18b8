"""React and Preact: effects, class components and `createReactClass`.

Source: react.dev/reference/react/useEffect, .../Component; legacy.reactjs.org/docs/react-without-es6.html.
"""

from fixers.lifecycles.model import ClassLifecycle, Component, Hook, ObjectForm, Runs
from fixers.resources.model import Tables

_MODULES = ("react", "global.React", "preact/hooks", "preact/compat")
_EFFECTS = ("useEffect", "useLayoutEffect", "useInsertionEffect")
_HOOKS = ("useState", "useRef", "useCallback", "useMemo", "useReducer", "useContext", *_EFFECTS)

EFFECT_PATHS = frozenset(f"{module}.{name}" for module in _MODULES for name in _EFFECTS)

HOOKS = (Hook(EFFECT_PATHS, Runs.EFFECT, Tables.JAVASCRIPT),)

COMPONENTS = (
    Component("React component", hooks=frozenset(f"{module}.{name}" for module in _MODULES for name in _HOOKS)),
)

CLASSES = (
    ClassLifecycle(
        noun="React component",
        tables=Tables.JAVASCRIPT,
        final=("componentWillUnmount",),
        bases=frozenset(f"{module}.{name}" for module in _MODULES for name in ("Component", "PureComponent")),
        objects=ObjectForm(
            given_to=frozenset(
                {"create-react-class", "*.createReactClass", "react.createClass", "global.React.createClass"}
            ),
            marks=frozenset({"componentDidMount", "componentWillMount"}),
            marks_beside=frozenset({"componentWillUnmount", "render", "getInitialState"}),
            mixins=frozenset({"mixins"}),
        ),
        roots=frozenset({"App"}),
        called_by_framework=True,
        written_as="componentWillUnmount() {",
    ),
)
