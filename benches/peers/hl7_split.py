"""python-hl7: every message of a file into segments, fields and components, nothing checked. hl7_split.py FILE"""

import sys

import hl7

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
for part in text.split("\rMSH|"):
    hl7.parse(part if part.startswith("MSH|") else "MSH|" + part)
