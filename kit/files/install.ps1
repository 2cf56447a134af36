# 安装“预算项目绩效目标表助手”：不联网。用法：powershell -ExecutionPolicy Bypass -File install.ps1 [安装到的文件夹]
# 本机没有 Python 时，先从本文件夹的 python 子文件夹里找官方安装程序（python-3.12.x-amd64.exe 一类）装给当前用户。
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath $PSScriptRoot
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$versions = Get-ChildItem -Filter 'requirements-*.txt' | ForEach-Object { $_.BaseName -replace 'requirements-', '' }

function Find-Python {
    $candidates = @()
    foreach ($version in $versions) { $candidates += "$env:LOCALAPPDATA\Programs\Python\Python$($version -replace '\.', '')\python.exe" }
    foreach ($name in 'python', 'python3') {
        $found = Get-Command $name -ErrorAction SilentlyContinue
        if ($found) { $candidates += $found.Source }
    }
    foreach ($path in $candidates) {
        if (-not (Test-Path -LiteralPath $path)) { continue }
        $version = & $path -c "import sys; print('%d.%d' % sys.version_info[:2])" 2>$null
        if ($versions -contains $version) { return $path }
    }
    return $null
}

$python = Find-Python
if (-not $python) {
    $setup = Get-ChildItem -Path 'python' -Filter 'python-3.*-amd64.exe' -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($setup) {
        Write-Host "正在安装 $($setup.Name)（只装给当前用户）……"
        Start-Process -FilePath $setup.FullName -ArgumentList '/quiet', 'InstallAllUsers=0', 'PrependPath=0', 'Include_launcher=0' -Wait
        $python = Find-Python
    }
}
if (-not $python) {
    Write-Host "错误：本机没有可用的 Python（$($versions -join '、')）。"
    Write-Host "建议：把官方安装程序（例如 python-3.12.10-amd64.exe）放进本文件夹的 python 子文件夹，再运行一次；见 说明.txt。"
    exit 2
}
& $python -X utf8 install.py @args
exit $LASTEXITCODE
