"""Lesson 10, image-text matching. Sections that its hints name:

'A table of agreements' · 'One among many' · 'The hardest wrong one' · 'Found, or lucky' · 'Classes by name' ·
'A second look at the first few'
"""

from .agreeing import agreeing
from .choosing import choosing
from .finding import finding
from .meeting import meeting
from .naming import naming
from .reordering import reordering
from .repeating import repeating
from .sparring import sparring

EXERCISES = (agreeing, choosing, sparring, finding, naming, reordering, meeting, repeating)
