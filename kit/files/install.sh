#!/bin/sh
# 安装“预算项目绩效目标表助手”：不联网。用法：sh install.sh [安装到的文件夹]
cd "$(dirname "$0")" || exit 1
for name in "${PYTHON:-}" python3.12 python3.11 python3.13 python3 python; do
  [ -n "$name" ] || continue
  command -v "$name" >/dev/null 2>&1 || continue
  found=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  [ -f "requirements-$found.txt" ] || continue
  exec "$name" -X utf8 install.py "$@"
done
echo "错误：没有找到本安装包可用的 Python（$(ls requirements-*.txt | sed 's/requirements-//; s/\.txt//' | tr '\n' ' ')）。" >&2
echo "建议：先安装其中一个版本（见 说明.txt），或用 PYTHON=/路径/python3 sh install.sh 指定。" >&2
exit 2
