"""Subscriptions to observables: RxJS, above all in Angular."""

from fixers.findings import Family
from fixers.resources.model import Chain, Clean, Example, Method, Resource, Tables

_RXJS = ("rxjs", "rxjs/Observable.Observable", "rxjs/Rx.Observable", "rxjs.Observable", "rxjs/observable/fromEvent")

_LINKS = """
    pipe asObservable auditTime audit buffer bufferTime catchError combineLatest concatMap debounce debounceTime delay
    distinctUntilChanged distinctUntilKeyChanged do exhaustMap filter map mapTo merge mergeMap observeOn pairwise pluck
    publish refCount sampleTime scan share shareReplay skip startWith switchMap tap throttle throttleTime
    withLatestFrom takeUntil takeWhile take first
"""

CHAIN = Chain(
    endless=frozenset(
        {
            *(f"{module}.interval()" for module in _RXJS),
            *("@angular/router.Router().events", "@angular/cdk/layout.BreakpointObserver().observe()"),
            *("@ngrx/store.Store()", "@ngrx/store.Store().select()", "@ngrx/store.Store().selectSignal()"),
            *(f"@ngx-translate/core.TranslateService().{name}" for name in ("onLangChange", "onTranslationChange")),
        }
    ),
    endless_on_globals=frozenset(
        f"{module}.{name}()" for module in _RXJS for name in ("fromEvent", "fromEventPattern")
    ),
    global_fields=frozenset({"document", "_document", "window", "_window"}),
    likely=r"on[A-Z]\w*(?:Change|Changed|Changes|Scroll|Resize|Toggle|Click|Select)|\w*[a-z](?:Changed|Changes|Changed\$|Changes\$)",
    likely_in=frozenset({"Angular component"}),
    links=frozenset(_LINKS.split()),
    ended_by=frozenset(
        {
            *(
                "takeUntil",
                "takeUntilDestroyed",
                "untilDestroyed",
                "take",
                "takeLast",
                "first",
                "last",
                "single",
                "find",
            ),
            *(
                "findIndex",
                "elementAt",
                "isEmpty",
                "every",
                "toArray",
                "timeout",
                "untilComponentDestroyed",
                "takeUntilUnmount",
            ),
            *("toPromise", "firstValueFrom", "lastValueFrom"),
        }
    ),
    hesitates_by=frozenset({"takeWhile"}),
)

RESOURCES = (
    Resource(
        id="rxjs.Observable.subscribe",
        family=Family.SUBSCRIPTION,
        tables=Tables.JAVASCRIPT,
        label="subscribe",
        noun="subscription",
        ended="ended",
        acquired_by=("*.subscribe",),
        released_by=(Method("unsubscribe"), Method("[Symbol.dispose]")),
        words=(b"rxjs", b"@angular", b"@ngrx"),
        chain=CHAIN,
        error_leaks=False,
        source="https://rxjs.dev/guide/subscription; https://angular.dev/ecosystem/rxjs-interop/take-until-destroyed",
    ),
)
