using System.Net;
using System.Runtime.InteropServices;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cli.Relay;

/// <summary><c>coco relay</c>: carries what two nodes send each other where they do not reach each other, until it is told to stop.</summary>
internal static class RelayCommand
{
    // Chosen: clients learn of the end at once and go within a second; who is still there after that has lost its network.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private const ulong NothingHere = 0x0C0C_0011; // an application code, as applications choose them

    public static async Task<ExitCode> RunAsync(
        string[] arguments, TextWriter output, TextWriter error, Func<string, string?> askPassphrase, CancellationToken stopping = default)
    {
        if (!RelayCommandOptions.TryParse(arguments, out var options, out var wrong)) { return CommandLine.NotUnderstood(wrong, error); }
        try
        {
            using var key = ReadKey(options, error, askPassphrase);
            using var signals = new Signals();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping, stopping);
            await using var relay = await Endpoint.StartAsync(
                new()
                {
                    Identities = [key],
                    ListenAddresses = options.Listen is { } listen ? [listen] : [],
                    WebSocketAddresses = options.WebSocket is { } webSocket ? [webSocket] : [],
                    RelayServer = new(),
                },
                either.Token);
            foreach (var line in DescribeSelf(relay))
            {
                if (options.IsJson) { PlainJson.Write(output, json => json.WriteString("relay", line)); }
                else { output.WriteLine(line); }
            }
            output.Flush();
            await ServeAsync(relay, options, output, either.Token);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is KeyFileException or TransportException)
        {
            error.WriteLine($"coco: {e.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Ok; // stopped before it began
        }
    }

    /// <summary>What others pass to <c>--relay</c>: a line for each family, with the addresses that others may reach.</summary>
    private static IEnumerable<string> DescribeSelf(Endpoint relay)
    {
        var own = SystemInterfaces.Read();
        var addresses = relay.LocalEndPoints.SelectMany(local => Reachable(local, own)).Distinct().Take(RelayInfo.MaxAddresses).ToArray();
        var url = relay.WebSocketEndPoints.SelectMany(local => Reachable(local, own)).Select(address => $"wss://{address}").FirstOrDefault();
        yield return RelayArgument.Write(new(relay.Id, addresses, url));
    }

    // Listening on all addresses means listening on each; addresses that work everywhere come first.
    private static IEnumerable<NetworkAddress> Reachable(IPEndPoint local, IReadOnlyList<Coco.Traversal.Links.InterfaceAddress> own)
    {
        var bound = local.ToNetworkAddress();
        if (!bound.IsUnspecified) { return [bound]; }
        var addresses = own.Select(one => one.Address).Where(address => !address.IsLinkLocal && (!bound.IsIpv4 || address.IsIpv4)).ToArray();
        if (addresses.Length == 0) { addresses = [IPAddress.Loopback.ToNetworkAddress()]; }
        return addresses.OrderBy(address => address.IsPrivate).Select(address => address.WithPort(local.Port));
    }

    private static IdentityKey ReadKey(RelayCommandOptions options, TextWriter error, Func<string, string?> askPassphrase)
    {
        if (options.KeyFile is not { } file)
        {
            error.WriteLine("coco: without `--key FILE` the relay has an identity for this once: its clients will not know it again.");
            return IdentityKey.Generate();
        }
        return KeyFile.Inspect(file).Kind is KeyFileKind.Passphrase
            ? KeyFile.ReadProtected(file, askPassphrase("Passphrase: ") ?? "")
            : KeyFile.ReadUnattended(file);
    }

    private static async Task ServeAsync(Endpoint relay, RelayCommandOptions options, TextWriter output, CancellationToken stopping)
    {
        var wanted = new SemaphoreSlim(0);
        using var signal = ReportOnSignal(wanted);
        var turningAway = TurnAwayAsync(relay);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var isAsked = await wanted.WaitAsync(options.IsVerbose ? ReportInterval : Timeout.InfiniteTimeSpan, stopping);
                if (isAsked || options.IsVerbose) { await ReportAsync(relay, output, options.IsJson); }
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        Say(output, "draining", options.IsJson);
        await relay.DrainRelayAsync(DrainTime, CancellationToken.None);
        await ReportAsync(relay, output, options.IsJson);
        await relay.DisposeAsync();
        await turningAway;
        Say(output, "stopped", options.IsJson);
    }

    private static PosixSignalRegistration? ReportOnSignal(SemaphoreSlim wanted)
    {
        // SIGUSR1 has no name in .NET; it is 10 on Linux and 30 on macOS and the BSDs.
        if (OperatingSystem.IsWindows()) { return null; }
        return PosixSignalRegistration.Create((PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30), context =>
        {
            context.Cancel = true;
            wanted.Release();
        });
    }

    // A relay offers nothing of its own: who wants to talk to it is told so, and waits for nothing.
    private static async Task TurnAwayAsync(Endpoint relay)
    {
        await foreach (var connection in relay.AcceptAllAsync(CancellationToken.None))
        {
            await connection.CloseAsync(NothingHere, "This node is a relay and nothing else.", CancellationToken.None);
        }
    }

    private static void Say(TextWriter output, string state, bool isJson)
    {
        if (isJson) { PlainJson.Write(output, json => json.WriteString("state", state)); }
        else { output.WriteLine(state); }
    }

    private static async Task ReportAsync(Endpoint relay, TextWriter output, bool isJson)
    {
        if (await relay.GetRelayStatisticsAsync() is not { } figures) { return; }
        if (isJson)
        {
            PlainJson.Write(output, json =>
            {
                json.WriteString("at", DateTimeOffset.UtcNow);
                json.WriteNumber("clients", figures.Clients);
                json.WriteNumber("sessions", figures.Sessions);
                json.WriteNumber("datagrams", figures.Packets);
                json.WriteNumber("bytes", figures.Bytes);
                json.WriteNumber("dropped", figures.Dropped.Sum());
                json.WriteNumber("refused", figures.Refused);
            });
            output.Flush();
            return;
        }
        output.WriteLine(
            $"{DateTimeOffset.UtcNow:u}  {figures.Clients} clients, {figures.Sessions} sessions, {figures.Packets} datagrams and {figures.Bytes} bytes "
            + $"carried, {figures.Dropped.Sum()} dropped, {figures.Refused} refused");
        output.Flush();
    }
}
