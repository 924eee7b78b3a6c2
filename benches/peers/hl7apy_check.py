"""hl7apy: every message of a file, checked against the structures of its version. hl7apy_check.py FILE"""

import sys

from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
for part in text.split("\rMSH|"):
    part = part if part.startswith("MSH|") else "MSH|" + part
    try:
        parse_message(part.rstrip("\r"), validation_level=VALIDATION_LEVEL.TOLERANT).validate()
    except HL7apyException:
        pass
