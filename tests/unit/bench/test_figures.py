"""The benchmark's own arithmetic, and its generator against a server that answers badly."""

import socket
import threading

import pytest

from bench import report
from bench.load import Generator, Result, as_bytes


def test_a_percentile_is_a_latency_that_was_measured():
    result = Result(latencies=tuple(n / 1000 for n in range(100, 0, -1)), seconds=2.0, failures=())
    assert result.milliseconds(0.50) == 51
    assert result.milliseconds(0.95) == 96
    assert result.per_second == 50


def test_a_ratio_is_the_middle_of_the_rounds_ratios():
    ours = [{"per_second": 100}, {"per_second": 40}, {"per_second": 90}]
    theirs = [{"per_second": 10}, {"per_second": 2}, {"per_second": 10}]
    assert report.ratio(ours, theirs) == 10


def test_the_readme_keeps_what_stands_around_the_figures(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n")
    report.write("new\n", readme)
    assert readme.read_text() == f"before\n{report.START}\n\nnew\n\n{report.END}\nafter\n"


@pytest.fixture
def answers():
    """Serve one given answer after the other, each on its own connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    given: list[bytes] = []

    def serve() -> None:
        while given:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(given.pop(0))

    def start(*messages: bytes) -> int:
        given.extend(messages)
        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    listener.close()


def test_an_unexpected_or_cut_answer_is_a_failure_and_no_latency(answers):
    port = answers(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 302 Found\r\nLocation: /basket/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
    )
    message = as_bytes({"path": "/"})
    generator = Generator(port=port, messages=[message] * 3, seconds=0, expected=200)
    generator.run()
    assert len(generator.latencies) == 1
    assert generator.failures == ["302 Location: /basket/", "0 "]


def test_a_post_says_how_long_it_is():
    message = as_bytes({"path": "/checkout/", "cookie": "sessionid=a", "body": "x=1"})
    assert message.startswith(b"POST /checkout/ HTTP/1.1\r\n")
    assert b"Cookie: sessionid=a\r\n" in message
    assert message.endswith(b"Content-Length: 3\r\n\r\nx=1")
