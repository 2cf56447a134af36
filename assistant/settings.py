"""Settings: the environment over a TOML file over defaults, and where data lives.

Environment: ``ASSISTANT_HOME``, ``ASSISTANT_UNIT``, ``ASSISTANT_PERSON``, ``ASSISTANT_CHROMA_URL``, ``ASSISTANT_CHROMA_HEADERS``,
``OPENAI_API_KEY``, ``OPENAI_BASE_URL``, ``ASSISTANT_MODEL``, ``ASSISTANT_MODEL_TIMEOUT``, ``ASSISTANT_MODEL_PRICE``,
``ASSISTANT_EMBEDDING_MODEL``. The file has the same keys in lower case without the prefix (``unit = "怀来县残疾人联合会"``), lies in the
workspace folder, and only its owner can read it once a key is in it. ``change`` writes it without touching what else stands there.

After reading, the variables that make libraries call out on their own account (tracing, gateways, telemetry) are taken out of this
process's environment, so that nothing is sent anywhere but to the endpoint that the user named.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from assistant import workspace
from assistant.errors import SettingsError, fault_in, reason
from assistant.target import Frozen

if TYPE_CHECKING:
    from assistant.model.endpoints import Endpoint

# Setting → environment variable.
VARIABLES: dict[str, str] = {
    "unit": "ASSISTANT_UNIT",
    "person": "ASSISTANT_PERSON",
    "chroma_url": "ASSISTANT_CHROMA_URL",
    "chroma_headers": "ASSISTANT_CHROMA_HEADERS",
    "api_key": "OPENAI_API_KEY",
    "base_url": "OPENAI_BASE_URL",
    "model": "ASSISTANT_MODEL",
    "model_timeout": "ASSISTANT_MODEL_TIMEOUT",
    "model_price": "ASSISTANT_MODEL_PRICE",
    "embedding_model": "ASSISTANT_EMBEDDING_MODEL",
}
_CALLING_OUT = ("LANGSMITH_", "LANGCHAIN_", "OPENAI_", "CHROMA_", "ANONYMIZED_TELEMETRY", "OTEL_", "POSTHOG_")


class Settings(Frozen):
    """The settings in force. ``person`` is who decides in reviews unless a command names another. ``model`` None = no model: the embedded
    drafter and answerer do everything, and no call is made."""

    home: Path
    unit: str | None = None
    person: str | None = None
    chroma_url: str | None = None
    chroma_headers: dict[str, str] = Field(default_factory=dict)
    api_key: str | None = Field(default=None, repr=False)
    base_url: str | None = None
    model: str | None = None
    model_timeout: float = 120.0
    model_price: str | None = None
    embedding_model: str | None = None

    @property
    def drafts(self) -> Path:
        """Where drafts are kept unless the user names a folder."""
        return self.home / "drafts"

    @property
    def calls(self) -> Path:
        """The log of model calls."""
        return self.home / "calls.sqlite"

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.home / "config.toml"


def home() -> Path:
    """The workspace folder: ``ASSISTANT_HOME``, else the platform's user data folder."""
    named = os.environ.get("ASSISTANT_HOME")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_dir

    return Path(user_data_dir("goal-table-assistant", appauthor=False))


def load() -> Settings:
    """The settings in force. SettingsError for a file that is no TOML, an unknown key or a value of the wrong kind."""
    place = home()
    values: dict[str, object] = _from_file(place / "config.toml")
    for key, variable in VARIABLES.items():
        text = os.environ.get(variable, "").strip()
        if text:
            values[key] = text
    _scrub()
    return _checked(place, values)


def endpoint(settings: Settings) -> Endpoint | None:
    """The model endpoint in force, None when no model is set.

    SettingsError for a model without an address: a key is never sent to a service that nobody named. OpenAI's own model names are
    the exception, as everywhere.
    """
    from assistant.model import endpoints

    if not settings.model:
        return None
    base_url = settings.base_url
    if not base_url and settings.model.lower().startswith(("gpt-", "o1", "o3", "o4", "chatgpt")):
        base_url = "https://api.openai.com/v1"
    if not base_url:
        raise SettingsError(
            f"设置了模型“{settings.model}”，但没有服务地址。",
            f"请先设置：assistant config set preset 名称（{'、'.join(row.name for row in endpoints.PRESETS)}），或 base_url。",
        )
    price = endpoints.Price.parse(settings.model_price) if settings.model_price else None
    proxy = _proxy(base_url)
    return endpoints.endpoint(base_url, settings.model, api_key=settings.api_key, timeout=settings.model_timeout, price=price, proxy=proxy)


def _proxy(base_url: str) -> str | None:
    """The network's proxy for an address, as the environment or the system names it (HTTPS_PROXY, NO_PROXY …)."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base_url)
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or proxy_bypass(parts.hostname or ""):
        return None
    return named if "://" in named else f"http://{named}"


def change(key: str, value: str | None) -> dict[str, str | None]:
    """Write one setting into the file (None or empty takes it out), leaving the rest as it stands; what was changed, the key masked.

    ``preset`` sets address and model of a usual service at once. SettingsError for an unknown key or a value of the wrong kind, before
    anything is written.
    """
    import tomlkit

    place = home()
    path = place / "config.toml"
    values = _from_file(path)
    changes = _preset(value) if key == "preset" else {key: (value or "").strip() or None}
    unknown = sorted(set(changes) - set(VARIABLES))
    if unknown:
        raise SettingsError(f"没有设置“{unknown[0]}”。", f"可用的设置：preset、{'、'.join(VARIABLES)}。")
    _checked(place, {name: text for name, text in {**values, **changes}.items() if text is not None})
    with workspace.locked(path):
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
        for name, text in changes.items():
            if text is None:
                document.pop(name, None)
            else:
                document[name] = text
        workspace.write(path, tomlkit.dumps(document), private=True)
    return {name: ("（已设置，不显示）" if name == "api_key" and text else text) for name, text in changes.items()}


def shown() -> list[tuple[str, str, str]]:
    """Every setting as (key, value, where from), for showing: the key is never among the values."""
    place = home()
    values = _from_file(place / "config.toml")
    rows = [("home", str(place), "环境变量 ASSISTANT_HOME" if os.environ.get("ASSISTANT_HOME") else "默认")]
    defaults = {"model_timeout": "120"}
    for key, variable in VARIABLES.items():
        text = os.environ.get(variable, "").strip()
        source = f"环境变量 {variable}" if text else "设置文件" if key in values else "默认"
        value = text or str(values.get(key, defaults.get(key, "")))
        secret = key in ("api_key", "chroma_headers") and value
        rows.append((key, "（已设置，不显示）" if secret else value or "（未设置）", source))
    return rows


def _preset(name: str | None) -> dict[str, str | None]:
    from assistant.model import endpoints

    row = endpoints.preset((name or "").strip().lower())
    if row is None:
        listed = "、".join(f"{row.name}（{row.title}）" for row in endpoints.PRESETS)
        raise SettingsError(f"没有名为“{name or ''}”的预设。", f"可用的预设：{listed}。")
    return {"base_url": row.base_url, "model": row.model}


def _from_file(path: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件“{path}”写法有误：{fault_in(error)}。", '请按 键 = "值" 的写法改正，或删除该文件恢复默认。') from None
    except OSError as error:
        raise SettingsError(f"读不了设置文件“{path}”：{reason(error)}。", "请检查文件权限，或用 ASSISTANT_HOME 换一个文件夹。") from None
    unknown = sorted(set(values) - set(VARIABLES))
    if unknown:
        raise SettingsError(f"设置文件“{path}”中有不认识的键：{'、'.join(unknown)}。", f"可用的键：{'、'.join(VARIABLES)}。")
    return values


def _checked(place: Path, values: dict[str, object]) -> Settings:
    headers = values.get("chroma_headers", {})
    if isinstance(headers, str):
        # "Authorization: Bearer x; X-Team: y", the way headers are written.
        pairs = [part.split(":", 1) for part in headers.split(";") if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise SettingsError(f"{_named('chroma_headers')} 写法有误。", "请写成 名称: 值，多个之间用分号分开。")
        values["chroma_headers"] = {name.strip(): value.strip() for name, value in pairs}
        if not headers.isascii():
            raise SettingsError(f"{_named('chroma_headers')} 里有中文。", "请求头只能写英文字母、数字和符号。")
    try:
        values["model_timeout"] = float(str(values.get("model_timeout", 120)))
    except ValueError:
        raise SettingsError(f"{_named('model_timeout')}的值“{values['model_timeout']}”不是秒数。", "请写一个正数，例如 120。") from None
    if not float(str(values["model_timeout"])) > 0:
        raise SettingsError(f"{_named('model_timeout')} 必须大于 0。", "请写一个正数，例如 120。")
    price = values.get("model_price")
    if price:
        from assistant.model.endpoints import Price

        try:
            Price.parse(str(price))
        except ValueError:
            raise SettingsError(
                f"{_named('model_price')}的值“{price}”不是单价。", "请写每百万词元的 输入/缓存/输出，例如 2/0.2/3；美元写 $0.4/0.1/1.6。"
            ) from None
    for key in ("base_url", "chroma_url"):
        address = values.get(key)
        if address and not str(address).startswith(("http://", "https://")):
            raise SettingsError(f"{_named(key)}的值“{address}”不是网址。", "请写成 http:// 或 https:// 开头的地址。")
    return Settings.model_validate({"home": place, **values})


def _named(key: str) -> str:
    """A setting as a person may have given it: by its key, or by its environment variable."""
    return f"设置 {key}（环境变量 {VARIABLES[key]}）"


def _scrub() -> None:
    for name in list(os.environ):
        if name.startswith(_CALLING_OUT):
            del os.environ[name]
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["LANGSMITH_TRACING"] = "false"
    os.environ["LANGCHAIN_TRACING_V2"] = "false"
