using System.Diagnostics.CodeAnalysis;
using System.Net;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Cli.Relay;

/// <summary>What was asked of <c>coco relay</c>.</summary>
internal sealed record RelayCommandOptions
{
    /// <summary>Where to listen by UDP and TCP; every address on a port that the system chooses, when null.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Where to listen for WebSockets; null for nowhere.</summary>
    public IPEndPoint? WebSocket { get; init; }

    /// <summary>The file of the identity; null for one that is forgotten at the end.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether figures are printed every minute.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Whether what is printed is an object of JSON a line.</summary>
    public bool IsJson { get; init; }

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out RelayCommandOptions? options, out string wrong)
    {
        (options, wrong) = (null, "");
        var parsed = new RelayCommandOptions();
        for (var rest = arguments; rest.Length > 0;)
        {
            switch (rest)
            {
                case ["--verbose", ..]:
                    (parsed, rest) = (parsed with { IsVerbose = true }, rest[1..]);
                    break;
                case ["--json", ..]:
                    (parsed, rest) = (parsed with { IsJson = true }, rest[1..]);
                    break;
                case ["--listen", var text, ..] when parsed.Listen is null && NetworkAddress.TryParse(text, out var address):
                    (parsed, rest) = (parsed with { Listen = address.ToIPEndPoint() }, rest[2..]);
                    break;
                case ["--websocket", var text, ..] when parsed.WebSocket is null && NetworkAddress.TryParse(text, out var address):
                    (parsed, rest) = (parsed with { WebSocket = address.ToIPEndPoint() }, rest[2..]);
                    break;
                case ["--key", [not '-', ..] file, ..] when parsed.KeyFile is null:
                    (parsed, rest) = (parsed with { KeyFile = file }, rest[2..]);
                    break;
                default:
                    wrong = string.Join(' ', ["relay", .. rest[..Math.Min(2, rest.Length)]]);
                    return false;
            }
        }
        options = parsed;
        return true;
    }
}
