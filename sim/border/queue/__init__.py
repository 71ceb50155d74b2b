"""The border queue, an hour at a time: ``kernel`` is compiled, ``fallback`` is its NumPy double.

No event list is needed. Starts of a first-come-first-served queue never decrease, so it is enough to
keep, sorted, the times at which lanes become free. The next vehicle (arrival a, service S) starts at
max(a, earliest time), and its end takes the place of that time. The insertion into the sorted times
has no branch:

    free[k] = min(free[k + 1], max(free[k], end))

Lanes change on the hour. A lane that closes finishes its vehicle; a lane that opens counts from the
hour on. All lanes of a group, closed ones too, stay in the sorted times, and **the open ones are the
last**: with c lanes open, the c-th largest time is when fewer than c vehicles are in service.

A driver whose wait would exceed its patience never takes a lane. Its turn decides that, and those who
joined are served exactly as in the queue that lets a driver leave at the end of its patience.

The recursion is that of Ebert et al., *J. Stat. Softw.* 95(5), 2020. Separate short passes beat one
long loop: the draws and the choice of lanes then run on vector units. ``twin`` is the readable model
of the same queue.
"""
