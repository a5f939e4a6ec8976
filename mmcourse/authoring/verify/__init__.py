"""`mmcourse verify 06`: all that concerns one lesson, held to account in sentences.

`bank`       each exercise's reference, mistakes, alternatives and words
`notebooks`  the lesson with its claims, the solutions, the empty problem set
`report`     puts them together, beside the builder, the results and the linter

The tests hold the whole course to the same functions: what one of them returns is a list of sentences, empty where all
is well.
"""
