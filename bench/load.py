"""The load: a process of its own that sends requests to 127.0.0.1 and stops by itself.

Plain sockets, one thread for each connection, a connection for each request (a gunicorn sync worker closes it anyway):
the generator shares the cores with the shops, so it has to be cheap. Both shops pay the same for it.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

MOST_REQUESTS = 20_000
MOST_SECONDS = 60
TIMEOUT = 30


@dataclass(frozen=True)
class Result:
    """Latencies in seconds of the answers that were as expected, the time it all took, and what else came."""

    latencies: tuple[float, ...]
    seconds: float
    failures: tuple[str, ...]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the latency that this share of the requests kept below."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def drive(
    *, port: int, requests: Sequence[dict[str, str]], connections: int, seconds: float = 0, expected: int = 200
) -> Result:
    """Send the requests from a child process: in turn for some seconds, or without them each exactly once."""
    order = {
        "port": port,
        "requests": list(requests),
        "connections": connections,
        "seconds": min(seconds, MOST_SECONDS),
        "expected": expected,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(order).encode(),
        capture_output=True,
        timeout=MOST_SECONDS * 4,
        check=True,
    )
    answer = json.loads(done.stdout)
    return Result(tuple(answer["latencies"]), answer["seconds"], tuple(answer["failures"]))


def as_bytes(request: dict[str, str]) -> bytes:
    body = request.get("body", "").encode()
    lines = [
        f"{'POST' if body else 'GET'} {request['path']} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Accept-Language: en",
        "User-Agent: bench",
    ]
    if "cookie" in request:
        lines.append(f"Cookie: {request['cookie']}")
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(port: int, message: bytes) -> tuple[int, bytes]:
    """Send one request, read all of the answer, and return its status and head."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        connection.sendall(message)
        parts = []
        while part := connection.recv(262_144):
            parts.append(part)
    answer = b"".join(parts)
    head, _, body = answer.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:") and int(line.split(b":")[1]) != len(body):
            return 0, b"answer cut short"
    return int(head[9:12] or 0), head


class Generator:
    """Hands the requests out to the connections and collects what they took."""

    def __init__(self, *, port: int, messages: list[bytes], seconds: float, expected: int) -> None:
        self.port, self.messages, self.expected = port, messages, expected
        self.once = not seconds
        self.deadline = time.monotonic() + (seconds or MOST_SECONDS)
        self.taken = 0
        self.latencies: list[float] = []
        self.failures: list[str] = []
        self.lock = threading.Lock()

    def next(self) -> bytes | None:
        with self.lock:
            position, self.taken = self.taken, self.taken + 1
        if position >= (len(self.messages) if self.once else MOST_REQUESTS) or time.monotonic() > self.deadline:
            return None
        return self.messages[position % len(self.messages)]

    def run(self) -> None:
        while message := self.next():
            started = time.perf_counter()
            try:
                status, head = exchange(self.port, message)
            except (OSError, ValueError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                continue
            taken = time.perf_counter() - started
            if status == self.expected:
                self.latencies.append(taken)
            else:
                location = [line for line in head.split(b"\r\n") if line.lower().startswith(b"location")]
                self.failures.append(f"{status} {b' '.join(location).decode(errors='replace')[:80]}")


def main() -> None:
    order = json.load(sys.stdin)
    messages = [as_bytes(request) for request in order["requests"]]
    started = time.perf_counter()
    generator = Generator(port=order["port"], messages=messages, seconds=order["seconds"], expected=order["expected"])
    threads = [threading.Thread(target=generator.run, daemon=True) for _ in range(order["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(MOST_SECONDS * 2)
    seconds = time.perf_counter() - started
    json.dump({"latencies": generator.latencies, "seconds": seconds, "failures": generator.failures}, sys.stdout)


if __name__ == "__main__":
    main()
