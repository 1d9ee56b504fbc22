"""Run a command with PostgreSQL and Redis at hand: python -m tests.harness.services COMMAND...

The command finds them in TEST_PG_DSN and TEST_REDIS_URL; what those name already is used as it is.
"""

import contextlib
import os
import subprocess
import sys

from tests.harness import postgres, processes, redis_server


def main(command: list[str]) -> int:
    """Start what is missing, run the command, stop what was started."""
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        try:
            if not environment.get("TEST_PG_DSN"):
                cluster = postgres.Cluster()
                stack.callback(cluster.stop)
                environment["TEST_PG_DSN"] = cluster.dsn
            if not environment.get("TEST_REDIS_URL"):
                server = redis_server.RedisServer()
                stack.callback(server.stop)
                environment["TEST_REDIS_URL"] = server.url
        except processes.MissingComponentError as error:
            sys.stderr.write(f"Error: {error}\n")
            return 4
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
