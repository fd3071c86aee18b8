"""Custom elements, with or without Lit or Stencil, and Lit's reactive controllers.

Sources: html.spec.whatwg.org/multipage/custom-elements.html (custom element reactions),
lit.dev/docs/components/lifecycle, .../docs/composition/controllers, stenciljs.com/docs/component-lifecycle.
"""

from fixers.lifecycles.model import ClassLifecycle
from fixers.resources.model import Tables

CLASSES = (
    ClassLifecycle(
        noun="custom element",
        tables=Tables.JAVASCRIPT,
        final=("disconnectedCallback",),
        bases=frozenset({"global.HTMLElement", "lit.LitElement", "lit-element.LitElement", "*Element"}),
        decorators=frozenset({"@stencil/core.Component"}),
        members=frozenset({"connectedCallback", "disconnectedCallback"}),
        parts=frozenset({"shadowRoot", "renderRoot"}),
        called_by_framework=True,
        written_as="disconnectedCallback() {",
    ),
    ClassLifecycle(
        noun="reactive controller",
        tables=Tables.JAVASCRIPT,
        final=("hostDisconnected",),
        members=frozenset({"hostConnected", "hostDisconnected"}),
        called_by_framework=True,
    ),
)
