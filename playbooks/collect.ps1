#requires -Version 3.0
# SPDX-License-Identifier: GPL-3.0-or-later
<#
.SYNOPSIS
Xunyan read-only collector: asks one Windows host what the checks need and writes every answer as one JSON line.

.DESCRIPTION
Reads CPU, system, firmware, network and listening ports. Changes nothing, connects nowhere, needs no administrator and
nothing to install. What cannot be read is written as a gap with its reason. Runs on Windows PowerShell 3.0 to 5.1 and on
PowerShell 7; on Windows 7 and Server 2008 R2 with WMF 3.0 or newer. Not for a PowerShell in constrained language mode.

Give -Output. Inside Windows PowerShell the operator > would write UTF-16, and it sees only what passes through the
pipeline, which the lines of this script do not. In cmd.exe > is safe:
    powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 > pc01.captures.jsonl
-ExecutionPolicy Bypass holds for that one process and changes no setting.

The file holds ASCII alone (other characters as \u escapes), which is UTF-8 without a mark, and lines end with LF. Its last
line has the source "collector"; a file without it was cut.
Exit codes: 0 it ran; 1 it could not write; 2 wrong use.

.PARAMETER Asset
The asset's key, by default host:<host name>.
.PARAMETER Unit
The unit that the host belongs to.
.PARAMETER Network
The address domain, since units reuse addresses.
.PARAMETER Site
The room or place.
.PARAMETER Address
The host's address, by default the first one on an interface that has a gateway.
.PARAMETER Output
The file to write; one that is there already is not overwritten. Without it the lines go to standard output.

.EXAMPLE
powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Asset host:pc01 -Output pc01.captures.jsonl
#>
[CmdletBinding()]
param(
  [string]$Asset = '',
  [string]$Unit = '',
  [string]$Network = '',
  [string]$Site = '',
  [string]$Address = '',
  [string]$Output = ''
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Version = 1
$Cap = 1048576
$Patience = 20

# One line for each source; scanners/platforms/windows/requests.py holds the same lines and says why they are as they are.
$Requests = [ordered]@{
  'ip-address' = { [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() | ForEach-Object { $i = $_; $i.GetIPProperties().UnicastAddresses | Select-Object @{n='InterfaceAlias';e={$i.Name}},@{n='InterfaceDescription';e={$i.Description}},@{n='InterfaceType';e={[string]$i.NetworkInterfaceType}},@{n='OperationalStatus';e={[string]$i.OperationalStatus}},@{n='MacAddress';e={[string]$i.GetPhysicalAddress()}},@{n='AddressFamily';e={[string]$_.Address.AddressFamily}},@{n='IPAddress';e={[string]$_.Address}},PrefixLength,@{n='AddressState';e={[string]$_.DuplicateAddressDetectionState}},@{n='PrefixOrigin';e={[string]$_.PrefixOrigin}},@{n='SuffixOrigin';e={[string]$_.SuffixOrigin}} } | ConvertTo-Json }
  'processor' = { Get-CimInstance Win32_Processor -OperationTimeoutSec 20 | Select-Object Manufacturer,Name,Caption,Family,Architecture,ProcessorId,NumberOfCores,NumberOfLogicalProcessors,SocketDesignation | ConvertTo-Json }
  'central-processor' = { Get-ItemProperty 'HKLM:\HARDWARE\DESCRIPTION\System\CentralProcessor\*' | Select-Object PSChildName,VendorIdentifier,ProcessorNameString,Identifier,'CP 4000' | ConvertTo-Json }
  'computer-system' = { Get-CimInstance Win32_ComputerSystem -OperationTimeoutSec 20 | Select-Object Manufacturer,Model,SystemType,HypervisorPresent,@{n='UUID';e={(Get-CimInstance Win32_ComputerSystemProduct -OperationTimeoutSec 20).UUID}},@{n='IdentifyingNumber';e={(Get-CimInstance Win32_ComputerSystemProduct -OperationTimeoutSec 20).IdentifyingNumber}},@{n='BIOSSerialNumber';e={(Get-CimInstance Win32_BIOS -OperationTimeoutSec 20).SerialNumber}},@{n='BaseBoardSerialNumber';e={(Get-CimInstance Win32_BaseBoard -OperationTimeoutSec 20 | Select-Object -First 1).SerialNumber}} | ConvertTo-Json }
  'operating-system' = { Get-CimInstance Win32_OperatingSystem -OperationTimeoutSec 20 | Select-Object Caption,Version,BuildNumber,CSDVersion,OSArchitecture,OperatingSystemSKU,ProductType,@{n='InstallDate';e={$_.InstallDate.ToString('s')}} | ConvertTo-Json }
  'machine-guid' = { [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64').OpenSubKey('SOFTWARE\Microsoft\Cryptography').GetValue('MachineGuid') }
  'hostname' = { [System.Net.Dns]::GetHostName() }
  'routes' = { Get-NetRoute | Select-Object @{n='AddressFamily';e={[string]$_.AddressFamily}},InterfaceAlias,DestinationPrefix,NextHop,RouteMetric | ConvertTo-Json }
  'ipv6-components' = { Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip6\Parameters' | Select-Object DisabledComponents | ConvertTo-Json }
  'listeners' = { netstat -ano | Where-Object { $_ -match '^\s*(TCP|UDP)\s' } }
  'connections' = { netstat -ano | Where-Object { $_ -match '^\s*TCP\s' } }
}

# A JSON string of ASCII alone, so that no code page matters. Half a surrogate pair and NUL are no text.
function Get-Quoted([string]$Text) {
  $Text = [regex]::Replace($Text, '\x00|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]', [string][char]0xfffd)
  $Text = $Text.Replace('\', '\\').Replace('"', '\"').Replace("`r`n", '\n').Replace("`n", '\n').Replace("`t", '\t')
  $escape = [System.Text.RegularExpressions.MatchEvaluator] { param($found) '\u{0:x4}' -f [int][char]$found.Value }
  '"' + [regex]::Replace($Text, '[^\x20-\x7e]', $escape) + '"'
}

function Get-Moment {
  [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
}

function Get-Envelope([string]$Schema, [string]$Source, [string]$Request, [string]$Taken) {
  $members = [ordered]@{ schema = "xunyan.$Schema/1"; asset = $Asset; kind = 'endpoint'; platform = 'windows'; unit = $Unit }
  if ($Network) { $members['network'] = $Network }
  if ($Site) { $members['site'] = $Site }
  $members['address'] = $Address
  $members['source'] = $Source
  $members['request'] = $Request
  $members['taken_at'] = $Taken
  $members['taken_by'] = $TakenBy
  (@($members.GetEnumerator() | ForEach-Object { (Get-Quoted $_.Key) + ':' + (Get-Quoted $_.Value) }) -join ',')
}

# Straight to the stream: PowerShell's own way out would choose an encoding and a line end of its own.
function Write-Line([string]$Line) {
  $bytes = [System.Text.Encoding]::ASCII.GetBytes($Line + "`n")
  $Stream.Write($bytes, 0, $bytes.Length)
  $Stream.Flush()
}

# The first line of an error in words; what the system says may be in its own language.
function Get-Detail([System.Exception]$Problem) {
  $said = ([string]$Problem.Message -split "[\r\n]")[0].Trim()
  if (-not $said) { $said = $Problem.GetType().Name }
  if ($said.Length -gt 600) { $said = $said.Substring(0, 600) }
  $said
}

function Get-Reason($Failure, [double]$Seconds) {
  $problem = $Failure.Exception.GetBaseException()
  $refused = $problem -is [System.UnauthorizedAccessException] -or $problem -is [System.Security.SecurityException]
  if ($refused -or [string]$Failure.CategoryInfo.Category -eq 'PermissionDenied') { return 'denied' }
  if ($Seconds -ge $Patience) { return 'timeout' }
  'unsupported'
}

# The first address, IPv4 before IPv6, of an interface that is up and has a gateway; empty where there is none.
function Get-OwnAddress {
  $six = ''
  foreach ($card in [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
    if ([string]$card.OperationalStatus -ne 'Up') { continue }
    if (@('Loopback', 'Tunnel') -contains [string]$card.NetworkInterfaceType) { continue }
    $properties = $card.GetIPProperties()
    if ($properties.GatewayAddresses.Count -eq 0) { continue }
    foreach ($one in $properties.UnicastAddresses) {
      $text = [string]$one.Address
      if ([string]$one.Address.AddressFamily -eq 'InterNetwork') {
        if ($text -notmatch '^(127|169\.254)\.') { return $text }
      } elseif (-not $six -and $text -notmatch '^(fe80:|::1$)') { $six = $text }
    }
  }
  $six
}

foreach ($given in @($Asset, $Unit, $Network, $Site, $Address)) {
  if ($given -match '[\x00-\x1f\x7f]') {
    [Console]::Error.WriteLine('wrong usage: a parameter holds a control character')
    exit 2
  }
}

$node = ([string][System.Net.Dns]::GetHostName()) -replace '[^A-Za-z0-9._-]', '_'
if (-not $Asset) { $Asset = 'host:' + $node }
if (-not $Address) { try { $Address = [string](Get-OwnAddress) } catch { $Address = '' } }
$TakenBy = [Environment]::UserDomainName + '\' + [Environment]::UserName
$Elevated = 'unknown'
try {
  $me = [System.Security.Principal.WindowsPrincipal][System.Security.Principal.WindowsIdentity]::GetCurrent()
  $Elevated = ([string]$me.IsInRole([System.Security.Principal.WindowsBuiltInRole]'Administrator')).ToLowerInvariant()
} catch { $Elevated = 'unknown' }

try {
  if ($Output) {
    # .NET's idea of the current folder is not PowerShell's.
    $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output)
    if ([System.IO.File]::Exists($path)) {
      [Console]::Error.WriteLine('the file is there already and is not overwritten: ' + $path)
      exit 2
    }
    $Stream = [System.IO.File]::Open($path, 'CreateNew', 'Write')
  } else {
    $Stream = [Console]::OpenStandardOutput()
  }
} catch {
  [Console]::Error.WriteLine('cannot write: ' + (Get-Detail $_.Exception.GetBaseException()))
  exit 1
}

$began = [DateTime]::UtcNow
$lines = 0
$gaps = 0
foreach ($source in @($Requests.Keys)) {
  $request = $Requests[$source].ToString().Trim()
  $asked = [DateTime]::UtcNow
  $taken = Get-Moment
  $text = ''
  $reason = ''
  $detail = ''
  try {
    $text = (@(& $Requests[$source] | ForEach-Object { [string]$_ }) -join "`n").Trim()
    if (-not $text) {
      $reason = 'unsupported'
      $detail = 'no answer'
    }
  } catch {
    $reason = Get-Reason $_ ([DateTime]::UtcNow - $asked).TotalSeconds
    $detail = Get-Detail $_.Exception.GetBaseException()
  }
  $lines++
  if ($reason) {
    $gaps++
    $line = '{' + (Get-Envelope 'gap' $source $request $taken)
    $line += ',"reason":' + (Get-Quoted $reason) + ',"detail":' + (Get-Quoted $detail) + '}'
  } else {
    $cut = ''
    if ($text.Length -gt $Cap) {
      $text = $text.Substring(0, $Cap)
      $cut = ',"truncated":true'
    }
    $line = '{' + (Get-Envelope 'capture' $source $request $taken)
    $line += ',"exit":0' + $cut + ',"output":' + (Get-Quoted ($text + "`n")) + '}'
  }
  try { Write-Line $line } catch {
    [Console]::Error.WriteLine('cannot write: ' + (Get-Detail $_.Exception.GetBaseException()))
    exit 1
  }
}

$about = @(
  "version=$Version",
  ('shell=PowerShell ' + [string]$PSVersionTable.PSVersion),
  "elevated=$Elevated",
  "timeout=$Patience",
  "sources=$lines",
  "gaps=$gaps",
  ('seconds=' + [string][int]([DateTime]::UtcNow - $began).TotalSeconds)
) -join "`n"
try {
  $ending = '{' + (Get-Envelope 'capture' 'collector' 'collect.ps1' (Get-Moment))
  Write-Line ($ending + ',"exit":0,"output":' + (Get-Quoted ($about + "`n")) + '}')
  if ($Output) { $Stream.Dispose() }
} catch {
  [Console]::Error.WriteLine('cannot write: ' + (Get-Detail $_.Exception.GetBaseException()))
  exit 1
}
exit 0
