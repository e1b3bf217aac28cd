"""What authsvc costs, measured: `make bench` runs everything, `python -m bench.sign_in` one subject.

Each subject is a module that starts the stack it measures, prints a table in Markdown and stops it. The figures of
one quiet run, and what follows from them, are in docs/performance.md.

Two cores at least: the server under test has one for itself, and everything else shares the other. What is compared is
measured in turn, in many short rounds, because a machine has quick and slow minutes. Processor time and ratios inside
one table mean more than requests per second.
"""
