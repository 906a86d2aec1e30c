"""What a document costs schemathesis: load it, and look at every operation."""

import sys

import schemathesis

schema = schemathesis.openapi.from_path(sys.argv[1])
print(sum(1 for _ in schema.get_all_operations()))
