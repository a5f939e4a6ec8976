"""The well-known sets, from the files that their makers give out, for use at home: one changed line in a lesson.

    >>> load("flickr8k", "train", root="~/data/flickr8k", size=96, first=2000)

Each card says where to get the set and how its folder must look (`mmcourse data flickr8k`). What is damaged in the
files is left out, counted in `skipped`, and said in one line. No code that comes with a set is ever run.
"""
