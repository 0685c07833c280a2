using System.Diagnostics.CodeAnalysis;
using System.Net;
using Coco.Transport;
using Coco.Transport.Netcheck;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cli.Netcheck;

/// <summary><c>coco netcheck</c>: tells in what situation this host is, and asks only those who were named.</summary>
internal static class NetcheckCommand
{
    public static async Task<ExitCode> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        if (!TryParse(arguments, out var options, out var isJson, out var wrong))
        {
            return CommandLine.NotUnderstood(wrong, error);
        }
        using var signals = new Signals();
        try
        {
            var report = await NetworkCheck.RunAsync(options, signals.Stopping);
            if (isJson) { NetcheckJson.Write(report, output); }
            else { NetcheckText.Write(report, output); }
            if (report.Works) { return ExitCode.Ok; }
            error.WriteLine("coco: nothing works: " + report.Findings[0].Sentence);
            return ExitCode.Failed;
        }
        catch (TransportException e)
        {
            error.WriteLine($"coco: {e.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("coco: the check was broken off.");
            return ExitCode.Failed;
        }
    }

    /// <param name="arguments">What follows "netcheck".</param>
    /// <param name="options">Whom to ask.</param>
    /// <param name="isJson">Whether programs will read the answer.</param>
    /// <param name="wrong">What was not understood.</param>
    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out NetworkCheckOptions? options, out bool isJson, out string wrong)
    {
        (options, isJson, wrong) = (null, false, "");
        var relays = new List<RelayInfo>();
        var servers = new List<IPEndPoint>();
        var mapsPorts = true;
        for (var rest = arguments; rest.Length > 0;)
        {
            switch (rest)
            {
                case ["--json", ..]:
                    (isJson, rest) = (true, rest[1..]);
                    break;
                case ["--no-port-mapping", ..]:
                    (mapsPorts, rest) = (false, rest[1..]);
                    break;
                case ["--relay", var text, ..] when relays.Count < NetworkCheckOptions.MaxServers && RelayArgument.TryParse(text, out var relay):
                    relays.Add(relay);
                    rest = rest[2..];
                    break;
                case ["--stun", var text, ..] when servers.Count < NetworkCheckOptions.MaxServers && NetworkAddress.TryParse(text, out var server) && server.IsSendable:
                    servers.Add(server.ToIPEndPoint());
                    rest = rest[2..];
                    break;
                default:
                    wrong = string.Join(' ', ["netcheck", .. rest[..Math.Min(2, rest.Length)]]);
                    return false;
            }
        }
        options = new() { Relays = relays, StunServers = servers, MapsPorts = mapsPorts };
        return true;
    }
}
