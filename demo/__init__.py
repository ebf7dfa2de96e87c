"""The demo company: Lampenwerk Lindner GmbH, invented, with files in the export formats that real systems write.

What belongs here: the company's facts, what happens in it day by day, and the writers of its files.
What does not: anything that reads those files. Nothing here imports another package of the project.

Everything that happens on a day is a function of (seed, scale, day) alone, never of the day on which the files are
written. So the files of a closed month stay byte for byte the same, and a run for the next day adds that day.
"""

from demo.generate import write_demo
from demo.truth import DemoTruth

__all__ = ["DemoTruth", "write_demo"]
