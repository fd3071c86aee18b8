"""Bad input, as the user meets it: the command, its exit code, the sentence, and what stays untouched.

| bad input | shown in |
| --- | --- |
| no repository, unborn HEAD, unknown revision, shallow and partial clones, damaged repositories | `test_places` |
| symlink loops, links out of the tree, submodules | `test_places` |
| empty, binary, 50 MB, minified and generated files | `test_files` |
| UTF-16, Latin-1, byte-order marks, CRLF and mixed endings | `test_files` |
| 100,000 nested brackets, an expression of 30,000 terms | `test_files` |
| syntax errors, newer syntax than the grammar knows, Flow, Python 2 | `test_files` |
| names with spaces, quotes, newlines, bytes that are not UTF-8, `-rf` | `test_names` |
| a repository that names commands in its configuration or attributes | `test_hostile_repository` |
| a poisoned or half-written cache, two scans that share one | `test_shared_cache` |
| a full disk | `test_full_disk` |
| a worker killed in mid-file, Ctrl-C in the middle of `fix --write` | `test_interruptions` |
| a dirty work tree, two `fix --write` at once | `test_uncommitted` |
"""
