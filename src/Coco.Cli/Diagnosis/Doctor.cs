using System.Net;
using System.Net.Sockets;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Crypto.KeyFiles;

namespace Coco.Cli.Diagnosis;

/// <summary>Looks at what commonly goes wrong on one machine: what is between machines `coco netcheck` looks at.</summary>
internal static class Doctor
{
    private const long LittleSpace = 100L << 20;

    // Chosen: before this program was written no clock was right.
    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<IReadOnlyList<DoctorFinding>> LookAsync(Shell shell, DaemonClient daemon, CancellationToken cancellationToken)
    {
        var places = shell.Places;
        var findings = new List<DoctorFinding> { Folder("state", places.State), Folder("runtime", places.Runtime), Space(places.State), Key(places.KeyFile), Clock(), Sockets() };
        try
        {
            var status = await daemon.GetAsync<StatusView>("/v1/status", cancellationToken);
            findings.Add(new("daemon", true, $"The daemon is up, as process {status.ProcessId}, on {string.Join(", ", status.Addresses)}.", null));
            findings.Add(status.Version == CommandLine.Version
                ? new("version", true, $"Daemon and program are version {status.Version}.", null)
                : new("version", false, $"The daemon is version {status.Version}, and this program {CommandLine.Version}.", "Restart the daemon: `coco down`, then `coco up --background`."));
            foreach (var network in status.Networks) { findings.Add(Network(network)); }
            findings.AddRange(status.Networks.Select(static one => one.Mqtt).OfType<MqttView>().Select(Mqtt));
        }
        catch (CommandException exception)
        {
            findings.Add(new("daemon", false, exception.Message, exception.Code is ExitCode.NoDaemon ? "Run `coco up` without --background to see what it says." : null));
        }
        return findings;
    }

    private static DoctorFinding Folder(string name, string path)
    {
        if (!Directory.Exists(path)) { return new(name, true, $"{path} is not there yet: `coco up` makes it.", null); }
        if (OperatingSystem.IsWindows()) { return new(name, true, $"{path} is there.", null); }
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        return (File.GetUnixFileMode(path) & Others) == 0
            ? new(name, true, $"{path} is yours alone.", null)
            : new(name, false, $"Others may look into {path}.", $"chmod 700 {path}");
    }

    private static DoctorFinding Space(string path)
    {
        try
        {
            var free = new DriveInfo(Directory.Exists(path) ? path : Path.GetPathRoot(path)!).AvailableFreeSpace;
            return free >= LittleSpace
                ? new("space", true, $"The disk has {Commands.Sizes.Of(free)} free.", null)
                : new("space", false, $"The disk with {path} has {Commands.Sizes.Of(free)} free.", "Free some space: what cannot be stored is refused.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new("space", false, $"How much space there is cannot be told: {Trouble.Say(exception)}", null);
        }
    }

    private static DoctorFinding Key(string file)
    {
        if (!File.Exists(file)) { return new("key", true, "There is no key yet: `coco up` makes it.", null); }
        try
        {
            return KeyFile.Inspect(file).Kind is KeyFileKind.Passphrase
                ? new("key", true, "The key is protected by a passphrase.", null)
                : new("key", true, "The key is protected by the file's permissions alone.", null);
        }
        catch (KeyFileException exception)
        {
            return new("key", false, exception.Message, "Restore a backup, if the file is damaged: `coco restore FILE`.");
        }
    }

    private static DoctorFinding Clock() => DateTimeOffset.UtcNow >= Earliest
        ? new("clock", true, $"The clock says {DateTimeOffset.UtcNow:u}.", null)
        : new("clock", false, $"The clock says {DateTimeOffset.UtcNow:u}, which cannot be.", "Set it: tickets and grants have times.");

    private static DoctorFinding Sockets()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            return new("udp", true, "UDP sockets can be opened.", null);
        }
        catch (SocketException exception)
        {
            return new("udp", false, $"No UDP socket can be opened: {Trouble.Say(exception)}", "Look at the limits of this sandbox or container.");
        }
    }

    private static DoctorFinding Mqtt(MqttView server)
    {
        var check = $"mqtt {server.Network}";
        if (server.Problem is { } problem)
        {
            return new(check, false, $"The MQTT server of {server.Network} at {server.Local} does not run: {Trouble.Sentence(problem)}", $"Once that is put right: `coco mqtt open {server.Local} --network {server.Network}`.");
        }
        return server.IsLimitedByFiles
            ? new(check, false, $"The MQTT server of {server.Network} at {server.Local} takes {server.MaxClients} clients at once and no more, as the daemon may have no more files open.",
                "Raise the hard limit where the daemon is started (`ulimit -Hn`, LimitNOFILE= of systemd) and start it again, or say how many are enough: `coco mqtt open --max-connections`.")
            : new(check, true, $"Network {server.Network} has an MQTT server at {server.Local}.", null);
    }

    private static DoctorFinding Network(NetworkView network)
    {
        var check = $"network {network.Name}";
        if (network.Problem is { } problem) { return new(check, false, $"Network {network.Name}: {Trouble.Sentence(problem)}", null); }
        return network.Members > 1 && network.Reachable == 0
            ? new(check, false, $"Network {network.Name}: none of {network.Members - 1} others is within reach.", "Is one of them up? `coco netcheck` tells what stands between; `coco up --relay` uses a relay.")
            : new(check, true, $"Network {network.Name}: {network.Reachable} of {network.Members - 1} others are within reach.", null);
    }
}
