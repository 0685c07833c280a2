using Microsoft.AspNetCore.Http;

namespace Coco.Cli.Daemon;

/// <summary>A question to the daemon, with who asks and what they may reach.</summary>
internal sealed class ApiCall(HttpContext http, ApiCaller caller, DaemonCore daemon)
{
    public ApiCaller Caller { get; } = caller;

    public DaemonCore Daemon { get; } = daemon;

    public HttpContext Http { get; } = http;

    /// <summary>Cancelled when the one who asks has gone, or the daemon goes.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The caller's node in the network that is asked about.</summary>
    public HeldNode Network() => Daemon.Nodes.Find(Caller, Query("network"));

    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>What has to be said.</summary>
    public string Need(string name) => Query(name) ?? throw ApiException.Of(CocoError.Invalid, $"The question lacks '{name}'.");
}
