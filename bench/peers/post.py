"""The least that a program can do to post JSON with httpx: one call, the answer printed."""

import json
import sys

import httpx

answer = httpx.post(sys.argv[1], json=json.loads(sys.argv[2]))
answer.raise_for_status()
print(answer.text)
