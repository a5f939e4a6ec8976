"""Lesson 07, does it use both? Sections that its hints name:

'Shuffle one half' · 'The nearest sum' · 'How much it is missed' · 'When one half is missing' ·
'A set that gives itself away'
"""

from .adding import adding
from .asking import asking
from .corners import corners
from .leaking import leaking
from .losing import losing
from .missing import missing
from .shuffling import shuffling

EXERCISES = (shuffling, adding, missing, corners, losing, leaking, asking)
