r"""What a Windows endpoint is asked, source by source, each in one line of PowerShell that only reads.

`playbooks/collect.ps1` holds the same lines; a test keeps the two alike. They run on Windows PowerShell 3.0 to 5.1 and on
PowerShell 7, need no administrator and hold no double quote; a transport whose shell would touch `$` or `|` sends them as
-EncodedCommand. Three things look odd and are not: enumerations are cast to text, since PowerShell 5.1 would give their
numbers; `netstat` is reduced to its rows, since its headings are translated and in the console's code page; and MachineGuid
is read through the 64-bit view, since a 32-bit PowerShell sees another key. Win32_OperatingSystem's SerialNumber is the
product id, which is licence data, and is left out.
"""

from collections.abc import Mapping

REQUESTS: Mapping[str, str] = {
    "ip-address": (
        "[System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() | ForEach-Object { $i = $_;"
        " $i.GetIPProperties().UnicastAddresses | Select-Object @{n='InterfaceAlias';e={$i.Name}},"
        "@{n='InterfaceDescription';e={$i.Description}},@{n='InterfaceType';e={[string]$i.NetworkInterfaceType}},"
        "@{n='OperationalStatus';e={[string]$i.OperationalStatus}},@{n='MacAddress';e={[string]$i.GetPhysicalAddress()}},"
        "@{n='AddressFamily';e={[string]$_.Address.AddressFamily}},@{n='IPAddress';e={[string]$_.Address}},PrefixLength,"
        "@{n='AddressState';e={[string]$_.DuplicateAddressDetectionState}},"
        "@{n='PrefixOrigin';e={[string]$_.PrefixOrigin}},@{n='SuffixOrigin';e={[string]$_.SuffixOrigin}} }"
        " | ConvertTo-Json"
    ),
    "processor": (
        "Get-CimInstance Win32_Processor -OperationTimeoutSec 20 | Select-Object Manufacturer,Name,Caption,Family,"
        "Architecture,ProcessorId,NumberOfCores,NumberOfLogicalProcessors,SocketDesignation | ConvertTo-Json"
    ),
    "central-processor": (
        r"Get-ItemProperty 'HKLM:\HARDWARE\DESCRIPTION\System\CentralProcessor\*' | Select-Object PSChildName,"
        "VendorIdentifier,ProcessorNameString,Identifier,'CP 4000' | ConvertTo-Json"
    ),
    "computer-system": (
        "Get-CimInstance Win32_ComputerSystem -OperationTimeoutSec 20 | Select-Object Manufacturer,Model,SystemType,"
        "HypervisorPresent,"
        "@{n='UUID';e={(Get-CimInstance Win32_ComputerSystemProduct -OperationTimeoutSec 20).UUID}},"
        "@{n='IdentifyingNumber';"
        "e={(Get-CimInstance Win32_ComputerSystemProduct -OperationTimeoutSec 20).IdentifyingNumber}},"
        "@{n='BIOSSerialNumber';e={(Get-CimInstance Win32_BIOS -OperationTimeoutSec 20).SerialNumber}},"
        "@{n='BaseBoardSerialNumber';e={(Get-CimInstance Win32_BaseBoard -OperationTimeoutSec 20"
        " | Select-Object -First 1).SerialNumber}} | ConvertTo-Json"
    ),
    "operating-system": (
        "Get-CimInstance Win32_OperatingSystem -OperationTimeoutSec 20 | Select-Object Caption,Version,BuildNumber,"
        "CSDVersion,OSArchitecture,OperatingSystemSKU,ProductType,"
        "@{n='InstallDate';e={$_.InstallDate.ToString('s')}} | ConvertTo-Json"
    ),
    "machine-guid": (
        "[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64')"
        r".OpenSubKey('SOFTWARE\Microsoft\Cryptography').GetValue('MachineGuid')"
    ),
    "hostname": "[System.Net.Dns]::GetHostName()",
    "routes": (
        "Get-NetRoute | Select-Object @{n='AddressFamily';e={[string]$_.AddressFamily}},InterfaceAlias,"
        "DestinationPrefix,NextHop,RouteMetric | ConvertTo-Json"
    ),
    "ipv6-components": (
        r"Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip6\Parameters'"
        " | Select-Object DisabledComponents | ConvertTo-Json"
    ),
    "listeners": r"netstat -ano | Where-Object { $_ -match '^\s*(TCP|UDP)\s' }",
    "connections": r"netstat -ano | Where-Object { $_ -match '^\s*TCP\s' }",
}
"""Source -> the command whose standard output is that source's answer."""
