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
            *("@ngrx/store.Store()", "@ngrx/store.Store().select()"),
            *(f"@ngx-translate/core.TranslateService().{name}" for name in ("onLangChange", "onTranslationChange")),
        }
    ),
    endless_on_globals=frozenset(
        f"{module}.{name}()" for module in _RXJS for name in ("fromEvent", "fromEventPattern")
    ),
    global_fields=frozenset({"document", "_document", "window", "_window"}),
    likely=r"on[A-Z]\w*(?:Change|Changed|Changes|Scroll|Resize|Toggle|Click|Select)|\w*[a-z](?:Changed|Changes)\$?",
    likely_in=frozenset({"Angular component"}),
    injected_by=frozenset({"@angular/core.inject"}),
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
        leaking=(
            Example(
                "src/trail.component.ts",
                "forgotten-by-teardown",
                "import { Component } from '@angular/core';\n"
                "import { Router } from '@angular/router';\n"
                "import { Subscription } from 'rxjs';\n"
                "\n"
                "@Component({ selector: 'app-trail', template: '' })\n"
                "export class TrailComponent {\n"
                "  private navigation: Subscription;\n"
                "\n"
                "  constructor(private router: Router) {\n"
                "    this.navigation = this.router.events.subscribe(() => this.draw());\n"
                "  }\n"
                "\n"
                "  ngOnDestroy(): void {\n"
                "    this.clear();\n"
                "  }\n"
                "\n"
                "  private draw(): void {}\n"
                "\n"
                "  private clear(): void {}\n"
                "}\n",
                "import { Component } from '@angular/core';\n"
                "import { Router } from '@angular/router';\n"
                "import { Subscription } from 'rxjs';\n"
                "\n"
                "@Component({ selector: 'app-trail', template: '' })\n"
                "export class TrailComponent {\n"
                "  private navigation: Subscription;\n"
                "\n"
                "  constructor(private router: Router) {\n"
                "    this.navigation = this.router.events.subscribe(() => this.draw());\n"
                "  }\n"
                "\n"
                "  ngOnDestroy(): void {\n"
                "    this.navigation.unsubscribe();\n"
                "    this.clear();\n"
                "  }\n"
                "\n"
                "  private draw(): void {}\n"
                "\n"
                "  private clear(): void {}\n"
                "}\n",
            ),
            Example(
                "src/clock.component.ts",
                "never-released",
                "import { Component } from '@angular/core';\n"
                "import { interval } from 'rxjs';\n"
                "import { map } from 'rxjs/operators';\n"
                "\n"
                "@Component({ selector: 'app-clock', template: '{{ seconds }}' })\n"
                "export class ClockComponent {\n"
                "  seconds = 0;\n"
                "\n"
                "  constructor() {\n"
                "    interval(1000).pipe(map((n) => n + 1)).subscribe((n) => (this.seconds = n));\n"
                "  }\n"
                "}\n",
                "import { Component, OnDestroy } from '@angular/core';\n"
                "import { interval, Subscription } from 'rxjs';\n"
                "import { map } from 'rxjs/operators';\n"
                "\n"
                "@Component({ selector: 'app-clock', template: '{{ seconds }}' })\n"
                "export class ClockComponent implements OnDestroy {\n"
                "  seconds = 0;\n"
                "  subscription?: Subscription;\n"
                "\n"
                "  constructor() {\n"
                "    this.subscription = interval(1000).pipe(map((n) => n + 1)).subscribe(\n"
                "      (n) => (this.seconds = n)\n"
                "    );\n"
                "  }\n"
                "\n"
                "  ngOnDestroy() {\n"
                "    if (this.subscription) {\n"
                "      this.subscription.unsubscribe();\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/clock.component.ts",
                "it ends with the component",
                "import { Component } from '@angular/core';\n"
                "import { takeUntilDestroyed } from '@angular/core/rxjs-interop';\n"
                "import { interval } from 'rxjs';\n"
                "\n"
                "@Component({ selector: 'app-clock', template: '{{ seconds }}' })\n"
                "export class ClockComponent {\n"
                "  seconds = 0;\n"
                "\n"
                "  constructor() {\n"
                "    interval(1000)\n"
                "      .pipe(takeUntilDestroyed())\n"
                "      .subscribe((n) => (this.seconds = n));\n"
                "  }\n"
                "}\n",
            ),
            Clean(
                "src/user.component.ts",
                "an answer completes by itself",
                "import { HttpClient } from '@angular/common/http';\n"
                "import { Component } from '@angular/core';\n"
                "\n"
                "@Component({ selector: 'app-user', template: '{{ name }}' })\n"
                "export class UserComponent {\n"
                "  name = '';\n"
                "\n"
                "  constructor(private http: HttpClient) {\n"
                "    this.http.get<string>('/name').subscribe((name) => (this.name = name));\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
)
