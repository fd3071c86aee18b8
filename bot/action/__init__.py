"""The Action: what the App does, in a job of a workflow, with the job's token and without anything to remember.

The way through it: `inputs` and `event` read what the job was given, `running` chooses what is done, `judging` fetches
commits and judges them, `reviewing`, `scanning`, `answering`, `queueing` and `posting` gather, decide (as the App does,
in `bot.decisions`) and write, as far as the token may; `telling` writes what a job can show without any permission.
"""
