"""`eoffice-token`: start the agent for one's sites and tokens."""

from __future__ import annotations

import argparse
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from eoffice_token.pairing import Pairing, default_place
from eoffice_token.server import PORT, Agent
from eoffice_token.tokens import Tokens, usual_modules


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="eoffice-token", description="Ký văn bản eOffice bằng USB token của máy này.")
    parser.add_argument("--site", action="append", default=[], help="địa chỉ eOffice, ví dụ https://vanban.coquan.vn")
    parser.add_argument("--module", action="append", default=[], help="thư viện PKCS#11 của token")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--no-browser", action="store_true", help="chỉ in địa chỉ trang xác nhận")
    arguments = parser.parse_args(words)
    missing = [module for module in arguments.module if not Path(module).is_file()]
    if missing:
        parser.error(f"không có tệp {missing[0]}")
    pairing = Pairing(default_place(), sites=arguments.site, modules=arguments.module)
    if not pairing.sites:
        parser.error("lần đầu cần --site: địa chỉ eOffice")
    modules = pairing.modules or usual_modules()

    def show(address: str) -> None:
        print(f"Xác nhận ký tại: {address}", flush=True)  # noqa: T201 - the person reads it here
        if not arguments.no_browser:
            webbrowser.open(address)

    agent = Agent(Tokens(modules), pairing, show, port=arguments.port)
    print(f"eoffice-token chạy tại 127.0.0.1:{agent.port} cho {', '.join(pairing.sites)}", flush=True)  # noqa: T201
    print(f"Thư viện token: {', '.join(modules) or 'chưa tìm thấy, dùng --module'}", flush=True)  # noqa: T201
    print(f"Mã ghép nối: {pairing.code}", flush=True)  # noqa: T201
    try:
        agent.server.serve_forever()
    except KeyboardInterrupt:
        agent.server.server_close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
