"""The template's service: takes tasks over HTTP, answers each by a callback."""

import base64
import binascii
import json
import logging
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import uvicorn
from fastapi import FastAPI, HTTPException, Path
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field, validator

from recognize import LANGUAGES, MAX_IMAGE_BYTES, check_image, recognize

PORT = 5555
WORKERS = 2
# Tasks that run or wait. Each holds an image of up to MAX_IMAGE_BYTES.
MAX_TASKS = 16
MAX_CONNECTIONS = 16
MAX_BASE64 = (MAX_IMAGE_BYTES + 2) // 3 * 4
MAX_BODY_BYTES = MAX_BASE64 + 4096
CALLBACK_SECONDS = 30
CALLBACK_TRIES = 5

log = logging.getLogger("document-ocr")


class Image(BaseModel):
    """What `recognize` takes."""

    image_base64: str = Field(
        min_length=1, max_length=MAX_BASE64,
        description="A PNG, JPEG or TIFF file of one page, in Base64.")
    language: Literal[LANGUAGES] = Field("eng", description="The language of the text.")

    class Config:
        extra = "forbid"

    @validator("image_base64")
    def is_image(cls, value: str) -> str:
        check_image(decode(value))
        return value


class Accepted(BaseModel):
    """The answer to a task that was taken."""

    task_address: str
    status: Literal["accepted"] = "accepted"


def decode(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("not Base64") from None


class LimitBody:
    """Answers 413 to bodies over a limit, before they are kept in memory."""

    def __init__(self, app, max_bytes: int):
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        # A body without a length could be of any length.
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" in headers or not length.isdigit() or int(length) > self.max_bytes:
            answer = PlainTextResponse(f"the body needs a length of at most {self.max_bytes} bytes", 413)
            return await answer(scope, receive, send)
        return await self.app(scope, receive, send)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Results go to the provider and nowhere else."""

    def redirect_request(self, *_):
        return None


class Tasks:
    """Runs tasks in threads, a bounded number of them."""

    def __init__(self, callback_url: str):
        self.callback_url = callback_url.rstrip("/")
        self.free = threading.BoundedSemaphore(MAX_TASKS)
        self.threads = ThreadPoolExecutor(WORKERS)
        self.http = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)

    def add(self, task_address: str, image: Image) -> bool:
        """Takes a task, or returns False when there are too many."""
        if not self.free.acquire(blocking=False):
            return False
        self.threads.submit(self.run, task_address, image)
        return True

    def run(self, task_address: str, image: Image) -> None:
        # A task that fails sends nothing: that is the contract.
        try:
            started = time.monotonic()
            result = recognize(decode(image.image_base64), image.language)
            log.info("task %s: %d words in %.2f s", task_address, len(result["words"]), time.monotonic() - started)
            self.send(task_address, result)
        except Exception as error:
            log.error("task %s failed: %s", task_address, error)
        finally:
            self.free.release()

    def send(self, task_address: str, result: dict) -> None:
        request = urllib.request.Request(
            f"{self.callback_url}/{task_address}", json.dumps(result).encode(),
            {"Content-Type": "application/json"}, method="POST")
        for left in reversed(range(CALLBACK_TRIES)):
            try:
                self.http.open(request, timeout=CALLBACK_SECONDS).close()
                return
            except urllib.error.URLError as error:
                # Only a refused connection is sure to have delivered nothing.
                if left == 0 or not isinstance(error.reason, ConnectionRefusedError):
                    raise
                time.sleep(1)


def make_app(tasks: Tasks) -> FastAPI:
    app = FastAPI(title="document-ocr", version="1.0.0")
    app.add_middleware(LimitBody, max_bytes=MAX_BODY_BYTES)

    @app.post("/run/recognize/{task_address}", status_code=202, response_model=Accepted)
    async def run_recognize(
        image: Image,
        # It becomes a part of the callback's URL and of the log. To Python a `$`
        # alone also stands before a last newline.
        task_address: str = Path(regex=r"^[0-9A-Za-z_-]{1,128}$(?!\n)"),
    ):
        """Recognizes the text of an image."""
        if not tasks.add(task_address, image):
            raise HTTPException(503, "too many tasks are waiting", {"Retry-After": "10"})
        return Accepted(task_address=task_address)

    return app


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    callback_url = os.environ.get("CALLBACK_URL", "")
    if not callback_url.startswith(("http://", "https://")):
        sys.exit("CALLBACK_URL must be the URL that results are sent to, such as http://host.docker.internal:20000")
    installed = subprocess.run(
        ["tesseract", "--list-langs"], check=True, capture_output=True, text=True, timeout=60).stdout.split()
    missing = set(LANGUAGES) - set(installed)
    if missing:
        sys.exit(f"Tesseract lacks the languages {', '.join(sorted(missing))}")
    uvicorn.run(
        make_app(Tasks(callback_url)), host="0.0.0.0", port=PORT, access_log=False, log_config=None,
        limit_concurrency=MAX_CONNECTIONS, timeout_keep_alive=5)


if __name__ == "__main__":
    main()
