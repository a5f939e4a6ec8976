"""Lesson 07, does it use both?"""
