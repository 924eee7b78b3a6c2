"""fhir.resources: every resource of an NDJSON file into its models of R4B, the nearest that it has to R4; what those find
is passed over. fhir_resources_check.py FILE"""

import json
import sys

from fhir.resources.R4B import get_fhir_model_class

with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        try:
            get_fhir_model_class(json.loads(line)["resourceType"]).model_validate_json(line)
        except ValueError:
            pass
