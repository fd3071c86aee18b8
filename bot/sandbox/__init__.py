"""Work over a stranger's code, done by a process that can do nothing else.

`jobs.judge` judges a change there: a child process with no network, no credentials, no files but those that it needs,
and limits for time, memory, processes and what it answers. `parent.run` calls any function of ours so, and
`parent.in_force` says which of the means this machine offers.
"""
