"""Read staged files into one frame of texts: each file by its own header, never by position across files."""

from headgate.read.broken import broken_file
from headgate.read.framing import frame
from headgate.read.layout import Drift, Group
from headgate.read.listing import objects
from headgate.read.planning import Plan, plan
from headgate.read.refused import RefusedFile

__all__ = ["Drift", "Group", "Plan", "RefusedFile", "broken_file", "frame", "objects", "plan"]
