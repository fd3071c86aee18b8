"""Node servers: what runs per request or connection, and where a process ends. Source: nodejs.org/api/http,
.../process.
"""

from fixers.lifecycles.model import Handler, Hook, Runs
from fixers.resources.model import Tables

_ROUTERS = frozenset(
    {"express()", "express.Router()", "fastify()", "koa()", "@koa/router()", "hono.Hono()", "global.express()"}
)

HOOKS = (
    Hook(
        frozenset(
            {"http.createServer", "https.createServer", "http2.createServer", "net.createServer", "tls.createServer"}
        ),
        Runs.OFTEN,
        Tables.JAVASCRIPT,
    ),
    Hook(
        frozenset(
            f"{router}.{verb}"
            for router in _ROUTERS
            for verb in ("get", "post", "put", "patch", "delete", "all", "use")
        ),
        Runs.OFTEN,
        Tables.JAVASCRIPT,
        argument=-1,
    ),
    Hook(
        frozenset({"*.on", "*.addListener"}),
        Runs.OFTEN,
        Tables.JAVASCRIPT,
        argument=1,
        events=frozenset({"connection", "request", "session", "stream"}),
    ),
    Hook(
        frozenset({"global.process.on", "global.process.once", "process.on", "process.once"}),
        Runs.SHUTDOWN,
        Tables.JAVASCRIPT,
        argument=1,
        events=frozenset({"exit", "beforeExit", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"}),
    ),
    Hook(
        frozenset({"*.addHook"}),
        Runs.SHUTDOWN,
        Tables.JAVASCRIPT,
        argument=1,
        events=frozenset({"onClose", "preClose"}),
    ),
    Hook(
        frozenset({"*.once", "*.on"}),
        Runs.TEARDOWN,
        Tables.JAVASCRIPT,
        argument=1,
        events=frozenset({"close", "onClose"}),
    ),
)

HANDLERS = (
    Handler(
        Tables.JAVASCRIPT,
        requests=frozenset({"req", "request", "_req", "_request"}),
        responses=frozenset({"res", "response", "reply"}),
    ),
)
