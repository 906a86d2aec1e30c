"""The least that a program can do to post many bodies: a pool of threads, one client, no record."""

import sys
from concurrent.futures import ThreadPoolExecutor

import httpx

address, count, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
limits = httpx.Limits(max_connections=threads, max_keepalive_connections=threads)
with httpx.Client(trust_env=False, limits=limits) as client, ThreadPoolExecutor(threads) as pool:
    answers = pool.map(lambda x: client.post(address, json={"x": x}).json()["x"], range(count))
    print(sum(1 for number, x in enumerate(answers) if number == x))
