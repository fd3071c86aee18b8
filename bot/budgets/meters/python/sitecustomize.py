"""Found by Python programs through PYTHONPATH: starts the hooks, then runs the `sitecustomize` that it hides."""

import sys

_folder = __file__.rpartition("/")[0]
try:
    __import__("_stanch_meters.start")
except Exception:
    # The program goes on without being measured, which whoever asks will see.
    pass
# The program sees its own module path; its children get the variable.
sys.path[:] = [entry for entry in sys.path if entry != _folder]
sys.path_importer_cache.pop(_folder, None)


def _next() -> None:
    from importlib.machinery import PathFinder  # noqa: PLC0415
    from importlib.util import module_from_spec  # noqa: PLC0415

    spec = PathFinder.find_spec("sitecustomize")
    if spec is None or spec.loader is None:
        # What `site` expects where there is none.
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    module = sys.modules["sitecustomize"] = module_from_spec(spec)
    spec.loader.exec_module(module)


_next()
