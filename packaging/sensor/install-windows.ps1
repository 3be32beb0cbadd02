# Installs the sensor on Windows: a task that the system itself runs from its start on, and starts again when it fails.
# Run as administrator, after weakspot-sensor.pyz and Python 3.8 or newer are in place:
#   .\install-windows.ps1 -Server https://weakspot.example.org -Python 'C:\Program Files\Python312\python.exe'
# Take it off again:  .\install-windows.ps1 -Remove
param(
    [string]$Server,
    [string]$Python = 'C:\Program Files\Python312\python.exe',
    [string]$Program = 'C:\Program Files\Weakspot Sensor\weakspot-sensor.pyz',
    [string]$AuthorityFile,
    [switch]$Remove
)
$ErrorActionPreference = 'Stop'
$name = 'Weakspot sensor'
$state = Join-Path $env:ProgramData 'Weakspot Sensor'

if ($Remove) {
    Stop-ScheduledTask -TaskName $name -ErrorAction SilentlyContinue
    Unregister-ScheduledTask -TaskName $name -Confirm:$false
    Write-Output "Removed. The state with the device's key is still in $state; delete it if the device is given away."
    exit 0
}
if (-not $Server) { throw 'Give the address of the server with -Server.' }
foreach ($file in $Python, $Program) { if (-not (Test-Path -LiteralPath $file)) { throw "$file is not there." } }

# The key of the device is in this folder: only the system and administrators may read it.
New-Item -ItemType Directory -Force -Path $state | Out-Null
& icacls.exe $state /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "The rights of $state cannot be set." }

$arguments = @($Program, 'enrol', '--server', $Server, '--state', $state, '--token', '-')
if ($AuthorityFile) { $arguments += @('--ca-file', $AuthorityFile) }
& $Python -I @arguments    # asks for the token on standard input
if ($LASTEXITCODE -ne 0) { throw 'The device is not enrolled; the message above says why.' }

$action = New-ScheduledTaskAction -Execute $Python -Argument "-I `"$Program`" run --state `"$state`""
$trigger = New-ScheduledTaskTrigger -AtStartup
$system = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
$settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
    -ExecutionTimeLimit ([TimeSpan]::Zero) -Priority 8 -MultipleInstances IgnoreNew -AllowStartIfOnBatteries `
    -DontStopIfGoingOnBatteries
Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Principal $system -Settings $settings -Force |
    Out-Null
Start-ScheduledTask -TaskName $name
Write-Output "Installed. $name reports to $Server."
