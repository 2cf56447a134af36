@echo off
rem Installs the goal-table assistant without a network. Usage: install.bat [folder]
setlocal
chcp 65001 >nul
cd /d "%~dp0"
for %%v in (3.12 3.11 3.13) do (
  if exist "requirements-%%v.txt" (
    py -%%v -c "pass" >nul 2>nul && ( py -%%v -X utf8 install.py %* & goto done )
  )
)
for %%v in (3.12 3.11 3.13) do (
  if exist "requirements-%%v.txt" (
    python -c "import sys; sys.exit('%%v' != '%%d.%%d' %% sys.version_info[:2])" >nul 2>nul && ( python -X utf8 install.py %* & goto done )
  )
)
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
:done
if not defined NOPAUSE pause
exit /b %errorlevel%
