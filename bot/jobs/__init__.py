"""Durable jobs on PostgreSQL: nothing submitted is lost, lanes are serial, the newest wins, dead workers are replaced.

How it fits together. Our own table `jobs` is the truth: what waits, what runs, whose it is, how often it failed, when
it is due. Procrastinate runs things: each worker looks for lanes in which a job is due and leaves a wake-up with
Procrastinate, which hands it to a free slot of some worker; there the lane's next job is claimed from our table, run
in a thread, and settled in our table. The wake-up always succeeds, and may be lost or doubled without harm.

    submit -> jobs (waiting) -> due -> wake-up -> claim (running, new fence) -> handler -> settle
                  ^                                      |                        |
                  +---- failed, delayed, given back -----+--- its worker died ----+--> done, dropped, poison

- A job waits in our table until it is due; so what is put off never blocks its lane.
- Each run gets a fence, a number higher than all before. A lease that is not renewed, or a run that takes longer than
  its kind may, is taken back by any worker: the fence is worth nothing then, and whatever the old run still wants to
  write is refused where it asks (`Lease.check`, the ledger of effects).
- A failed job is tried again after a growing wait. After the third failure `gave_up` tells about it, itself a durable
  run, and the job is `poison`: the same is not run again until somebody asks for it.

Modules: `queue` to submit, `worker` to run, `model` for both, `lease` for handlers, `numbers` for metrics; `runs` and
`verdicts` are the life of a job, `wakeups` the use of Procrastinate.
"""
