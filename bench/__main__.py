"""``python -m bench`` (``make bench``): every benchmark that needs no preparation."""

from __future__ import annotations

from bench import reading

raise SystemExit(reading.main())
