"""The checking engine.

`exercise`  what an exercise is: cases, mistakes, hints
`probe`     runs beside the learner's code and returns what it saw, as plain data
`judge`     compares that with what the same probe sees of the reference
`card`      shows the verdict as text, HTML and JSON

The probe knows no expected value and the judge never touches the learner's objects, so that a wall
(another process) fits between the two.
"""
