"""Settings: the environment over a TOML file over defaults, and where data lives.

Environment: ``ASSISTANT_HOME``, ``ASSISTANT_UNIT``, ``ASSISTANT_CHROMA_URL``, ``ASSISTANT_CHROMA_HEADERS``, ``OPENAI_API_KEY``,
``OPENAI_BASE_URL``, ``ASSISTANT_MODEL``, ``ASSISTANT_MODEL_TIMEOUT``, ``ASSISTANT_EMBEDDING_MODEL``. The file has the same keys in
lower case without the prefix (``unit = "怀来县残疾人联合会"``) and lies in the workspace folder.

After reading, the variables that make libraries call out on their own account (tracing, gateways, telemetry) are taken out of this
process's environment, so that nothing is sent anywhere but to the endpoint that the user named.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from pydantic import Field

from assistant.errors import SettingsError
from assistant.target import Frozen

# Setting → environment variable.
VARIABLES: dict[str, str] = {
    "unit": "ASSISTANT_UNIT",
    "chroma_url": "ASSISTANT_CHROMA_URL",
    "chroma_headers": "ASSISTANT_CHROMA_HEADERS",
    "api_key": "OPENAI_API_KEY",
    "base_url": "OPENAI_BASE_URL",
    "model": "ASSISTANT_MODEL",
    "model_timeout": "ASSISTANT_MODEL_TIMEOUT",
    "embedding_model": "ASSISTANT_EMBEDDING_MODEL",
}
_CALLING_OUT = ("LANGSMITH_", "LANGCHAIN_", "OPENAI_", "CHROMA_", "ANONYMIZED_TELEMETRY", "OTEL_", "POSTHOG_")


class Settings(Frozen):
    """The settings in force. ``model`` None = no model: the embedded drafter and answerer do everything, and no call is made."""

    home: Path
    unit: str | None = None
    chroma_url: str | None = None
    chroma_headers: dict[str, str] = Field(default_factory=dict)
    api_key: str | None = Field(default=None, repr=False)
    base_url: str | None = None
    model: str | None = None
    model_timeout: float = 120.0
    embedding_model: str | None = None

    @property
    def drafts(self) -> Path:
        """Where drafts are kept unless the user names a folder."""
        return self.home / "drafts"

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


def _from_file(path: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件“{path}”写法有误：{error}。", '请按 键 = "值" 的写法改正，或删除该文件恢复默认。') from None
    except OSError as error:
        raise SettingsError(f"读不了设置文件“{path}”：{error.strerror}。", "请检查文件权限，或用 ASSISTANT_HOME 换一个文件夹。") from None
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
            raise SettingsError("ASSISTANT_CHROMA_HEADERS 写法有误。", "请写成 名称: 值，多个之间用分号分开。")
        values["chroma_headers"] = {name.strip(): value.strip() for name, value in pairs}
    try:
        values["model_timeout"] = float(str(values.get("model_timeout", 120)))
    except ValueError:
        raise SettingsError(f"ASSISTANT_MODEL_TIMEOUT 的值“{values['model_timeout']}”不是秒数。", "请写一个正数，例如 120。") from None
    if not float(str(values["model_timeout"])) > 0:
        raise SettingsError("ASSISTANT_MODEL_TIMEOUT 必须大于 0。", "请写一个正数，例如 120。")
    for key in ("base_url", "chroma_url"):
        address = values.get(key)
        if address and not str(address).startswith(("http://", "https://")):
            raise SettingsError(f"{VARIABLES[key]} 的值“{address}”不是网址。", "请写成 http:// 或 https:// 开头的地址。")
    return Settings.model_validate({"home": place, **values})


def _scrub() -> None:
    for name in list(os.environ):
        if name.startswith(_CALLING_OUT):
            del os.environ[name]
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["LANGSMITH_TRACING"] = "false"
    os.environ["LANGCHAIN_TRACING_V2"] = "false"
